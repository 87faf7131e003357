package io.kpod.agent.collector.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The text of one file of the kernel's, and a cursor that goes over its lines and the words of a line. Makes no object
 * but those that are asked for. A last line without its end is none: what it says may be cut off. Used by one thread.
 */
public final class KernelText {
    /** What {@link #number} says when there is none. */
    public static final long NONE = -1;

    private static final int FIRST_SIZE = 16 * 1024;

    /** Of a file; what is beyond is not read. */
    private static final int MOST = 16 * 1024 * 1024;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(FIRST_SIZE);
    private byte[] bytes = new byte[FIRST_SIZE];
    private int length;
    private int nextLine;
    private int lineEnd;
    private int at;

    /** Reads a file from its beginning, in one call where it fits: the kernel then made all of it at one time. */
    public void read(FileChannel file) throws IOException {
        buffer.clear();
        int read = file.read(buffer, 0);
        while (read > 0 && !buffer.hasRemaining() && buffer.capacity() < MOST) {
            buffer = ByteBuffer.allocateDirect(2 * buffer.capacity());
            bytes = new byte[buffer.capacity()];
            read = file.read(buffer, 0);
        }
        take();
    }

    /** Reads a file that the kernel makes record by record, so that a call may return less than all of it. */
    public void readRecords(FileChannel file) throws IOException {
        buffer.clear();
        while (file.read(buffer, buffer.position()) > 0) {
            if (!buffer.hasRemaining()) {
                if (buffer.capacity() >= MOST) {
                    break;
                }
                ByteBuffer larger = ByteBuffer.allocateDirect(2 * buffer.capacity());
                larger.put(buffer.flip());
                buffer = larger;
                bytes = new byte[buffer.capacity()];
            }
        }
        take();
    }

    /** Takes a text that did not come from a file. */
    public void set(byte[] text) {
        if (text.length > bytes.length) {
            buffer = ByteBuffer.allocateDirect(text.length);
            bytes = new byte[text.length];
        }
        System.arraycopy(text, 0, bytes, 0, text.length);
        length = text.length;
        rewind();
    }

    /** Goes before the first line. */
    public void rewind() {
        nextLine = 0;
        lineEnd = 0;
        at = 0;
    }

    /** Goes to the beginning of the next line; false: there is none. */
    public boolean nextLine() {
        for (int i = nextLine; i < length; i++) {
            if (bytes[i] == '\n') {
                at = nextLine;
                lineEnd = i;
                nextLine = i + 1;
                return true;
            }
        }
        at = lineEnd;
        return false;
    }

    /** Goes behind {@code word} if it stands here. */
    public boolean skip(byte[] word) {
        int end = at + word.length;
        if (end > lineEnd || !Arrays.equals(bytes, at, end, word, 0, word.length)) {
            return false;
        }
        at = end;
        return true;
    }

    /** Goes behind {@code character} if it stands here. */
    public boolean skip(char character) {
        if (at >= lineEnd || bytes[at] != character) {
            return false;
        }
        at++;
        return true;
    }

    /** Goes to the next word of the line: behind blanks; false: there is none. */
    public boolean nextWord() {
        while (at < lineEnd && bytes[at] != ' ' && bytes[at] != '\t') {
            at++;
        }
        return skipBlanks();
    }

    /** Goes behind blanks; false: the line ends. */
    public boolean skipBlanks() {
        while (at < lineEnd && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
        return at < lineEnd;
    }

    /**
     * The decimal number behind blanks, and goes behind it; one beyond 2^63-1 is 2^63-1. {@link #NONE} where there is
     * none, or where something else than a blank, a colon or the line's end follows it.
     */
    public long number() {
        skipBlanks();
        int first = at;
        long value = 0;
        while (at < lineEnd && bytes[at] >= '0' && bytes[at] <= '9') {
            int digit = bytes[at] - '0';
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : 10 * value + digit;
            at++;
        }
        boolean ended = at == lineEnd || bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == ':';
        return at > first && ended ? value : NONE;
    }

    /** Where in the text the cursor is. */
    public int position() {
        return at;
    }

    /** Where the word ends that begins here. */
    public int wordEnd() {
        int end = at;
        while (end < lineEnd && bytes[end] != ' ' && bytes[end] != '\t') {
            end++;
        }
        return end;
    }

    /** Where {@code character} stands next in the line; -1: nowhere. */
    public int find(char character) {
        for (int i = at; i < lineEnd; i++) {
            if (bytes[i] == character) {
                return i;
            }
        }
        return -1;
    }

    /** Goes to a place of the line. */
    public void go(int position) {
        at = Math.min(position, lineEnd);
    }

    /** Whether exactly {@code word} stands from the cursor to {@code end}. */
    public boolean is(byte[] word, int end) {
        return Arrays.equals(bytes, at, end, word, 0, word.length);
    }

    /** What stands from the cursor to {@code end}. */
    public String string(int end) {
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    /** The rest of the line. */
    public String rest() {
        return string(lineEnd);
    }

    /** A word for comparisons. */
    public static byte[] word(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    private void take() {
        length = buffer.position();
        buffer.get(0, bytes, 0, length);
        rewind();
    }
}
