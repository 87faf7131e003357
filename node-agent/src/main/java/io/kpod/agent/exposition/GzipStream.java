package io.kpod.agent.exposition;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses what is written, as gzip (RFC 1952). All that the JDK's compressor sees is direct memory: while it works on an array
 * on the heap, the garbage collector must wait, and what is allocated meanwhile goes to the old generation (20 MiB more, resident).
 *
 * <p>To be used for one stream after the other; keeps its memory. Not thread-safe.
 */
final class GzipStream extends OutputStream {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 255};
    private static final int INPUT_BYTES = 32 * 1024;

    /** What the HTTP server sends at once. */
    private static final int OUTPUT_BYTES = 4 * 1024;

    /** A page has the same labels over and over: the fastest level leaves a sixteenth. */
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);

    private final CRC32 checksum = new CRC32();
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_BYTES);
    private final byte[] sent = new byte[OUTPUT_BYTES];
    private OutputStream to = nullOutputStream();

    /** Begins a stream. */
    void begin(OutputStream target) throws IOException {
        to = target;
        deflater.reset();
        checksum.reset();
        input.clear();
        to.write(HEADER);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int count) throws IOException {
        for (int at = offset; at < offset + count; ) {
            int piece = Math.min(input.remaining(), offset + count - at);
            input.put(from, at, piece);
            at += piece;
            if (!input.hasRemaining()) {
                compress();
            }
        }
    }

    /** Ends the stream; the target stays open. */
    void finish() throws IOException {
        deflater.finish();
        compress();
        ByteBuffer trailer = ByteBuffer.wrap(sent).order(ByteOrder.LITTLE_ENDIAN);
        trailer.putInt((int) checksum.getValue()).putInt((int) deflater.getBytesRead());
        to.write(sent, 0, trailer.position());
        to = nullOutputStream();
    }

    /** Gives back the compressor's memory. */
    @Override
    public void close() {
        deflater.end();
    }

    private void compress() throws IOException {
        input.flip();
        checksum.update(input.duplicate());
        deflater.setInput(input);
        drain();
        input.clear();
    }

    private void drain() throws IOException {
        int size;
        do {
            output.clear();
            size = deflater.deflate(output);
            output.flip();
            output.get(sent, 0, size);
            to.write(sent, 0, size);
        } while (size == OUTPUT_BYTES);
    }
}
