package io.kpod.apiserver;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** An HTTP/2 client (RFC 9113) that keeps to no bound: it opens as many streams as it is told to. */
final class Http2Connection implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int MAX_CONCURRENT_STREAMS = 3;
    static final int REFUSED_STREAM = 7;

    private static final int END_STREAM_AND_HEADERS = 5;
    private static final int TIMEOUT_MILLIS = 20_000;

    private final SSLSocket socket;
    private final DataInputStream in;

    /** One frame, as it came. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean endsStream() {
            return (type == DATA || type == HEADERS) && (flags & 1) != 0;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** Of a SETTINGS frame; -1 if it does not say. */
        int setting(int id) {
            ByteBuffer settings = ByteBuffer.wrap(payload);
            while (settings.remaining() >= Short.BYTES + Integer.BYTES) {
                int found = settings.getShort();
                int value = settings.getInt();
                if (found == id) {
                    return value;
                }
            }
            return -1;
        }

        /** Of an RST_STREAM frame. */
        int error() {
            return ByteBuffer.wrap(payload).getInt();
        }
    }

    Http2Connection(SSLContext tls, int port) throws IOException {
        socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        in = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0, new byte[0]);
    }

    /** Asks on a stream (odd, rising). */
    void get(int stream, String path) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", "GET");
        literal(block, ":scheme", "https");
        literal(block, ":authority", "127.0.0.1");
        literal(block, ":path", path);
        send(HEADERS, END_STREAM_AND_HEADERS, stream, block.toByteArray());
    }

    Frame next() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        return new Frame(type, flags, stream, in.readNBytes(length));
    }

    private void send(int type, int flags, int stream, byte[] payload) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(9 + payload.length)
                        .put((byte) 0) // the highest byte of the length
                        .putShort((short) payload.length)
                        .put((byte) type)
                        .put((byte) flags)
                        .putInt(stream)
                        .put(payload)
                        .array());
    }

    /** RFC 7541, section 6.2.2, both strings shorter than 127 and as they are. */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String part : new String[] {name, value}) {
            block.write(part.length());
            block.writeBytes(part.getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
