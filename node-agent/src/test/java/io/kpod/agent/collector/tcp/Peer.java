package io.kpod.agent.collector.tcp;

import io.kpod.agent.kernel.Load;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A process of src/test/c/tcp.c: does what it is told, one thing after the other, and counts for itself. */
final class Peer implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    private Peer() throws IOException {
        process = new ProcessBuilder(Load.program("tcp").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = process.outputWriter(StandardCharsets.US_ASCII);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** A process of no container. */
    static Peer outside() throws IOException {
        return new Peer();
    }

    /** A process of that group, with no socket yet. */
    static Peer in(Path group) throws IOException {
        Peer peer = new Peer();
        peer.enter(group);
        return peer;
    }

    /** Moves to that group. */
    void enter(Path group) throws IOException {
        ask("enter", group.resolve("cgroup.procs"));
    }

    /** A listening socket. */
    record Listener(int socket, int port) {}

    Listener listen(int family, int backlog) throws IOException {
        return listen(family, backlog, 0, false);
    }

    /**
     * @param segment most bytes of a segment; 0: as usual
     * @param deferred whether a connection waits for data before it is queued
     */
    Listener listen(int family, int backlog, int segment, boolean deferred) throws IOException {
        List<Long> answer = ask("listen", family, backlog, segment, deferred ? 1 : 0);
        return new Listener(answer.get(0).intValue(), answer.get(1).intValue());
    }

    /** A connection to another peer's listening socket: the sockets of both ends. */
    record Connection(Peer client, int clientSocket, Peer server, int serverSocket) {}

    static Connection connect(Peer client, Peer server, int family) throws IOException {
        return connect(client, server, family, 0);
    }

    static Connection connect(Peer client, Peer server, int family, int segment) throws IOException {
        Listener listener = server.listen(family, 8, segment, false);
        int clientSocket =
                client.ask("connect", family, listener.port(), segment).get(0).intValue();
        int serverSocket = server.ask("accept", listener.socket()).get(0).intValue();
        server.ask("close", listener.socket());
        return new Connection(client, clientSocket, server, serverSocket);
    }

    /** Sends so many bytes in that way while the other end takes them in that; both ends' own counts must agree. */
    static long move(Peer from, int fromSocket, String put, Peer to, int toSocket, String take, long bytes)
            throws IOException {
        from.tell("put", fromSocket, put, bytes);
        to.tell("take", toSocket, take, bytes);
        long sent = from.answer().getFirst();
        long taken = to.answer().getFirst();
        if (sent != bytes || taken != bytes) {
            throw new IllegalStateException(
                    "of %d bytes %d were sent by %s, %d taken by %s".formatted(bytes, sent, put, taken, take));
        }
        return bytes;
    }

    /** Gives a command and waits for its answer. */
    List<Long> ask(Object... command) throws IOException {
        tell(command);
        return answer();
    }

    /** Gives a command; {@link #answer} waits for it. */
    void tell(Object... command) throws IOException {
        commands.write(
                String.join(" ", Arrays.stream(command).map(String::valueOf).toList()) + "\n");
        commands.flush();
    }

    /** The answer to the oldest command that has none yet. */
    List<Long> answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the load program tcp has ended");
        }
        return Arrays.stream(line.strip().split(" "))
                .filter(word -> !word.isEmpty())
                .map(Long::valueOf)
                .toList();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        try {
            commands.close();
            process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
