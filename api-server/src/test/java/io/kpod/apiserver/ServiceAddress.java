package io.kpod.apiserver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What kube-proxy makes of a Service, as a program inside the control plane's network: a new connection goes to any
 * endpoint, one that is open stays where it is, whatever the endpoints are then.
 */
final class ServiceAddress {
    private static final int BACKLOG = 128;

    private ServiceAddress() {}

    /** Arguments: address, port, and the file that holds the ports of the endpoints at that address, one a line. */
    public static void main(String[] arguments) throws IOException {
        InetAddress address = InetAddress.ofLiteral(arguments[0]);
        Path endpoints = Path.of(arguments[2]);
        try (ServerSocket listener = new ServerSocket(Integer.parseInt(arguments[1]), BACKLOG, address)) {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> lead(client, address, endpoints));
            }
        }
    }

    private static void lead(Socket client, InetAddress address, Path endpoints) {
        try (client) {
            List<String> ports = Files.readAllLines(endpoints);
            String chosen = ports.get(ThreadLocalRandom.current().nextInt(ports.size()));
            try (Socket server = new Socket(address, Integer.parseInt(chosen))) {
                server.setTcpNoDelay(true);
                client.setTcpNoDelay(true);
                Thread back = Thread.ofVirtual().start(() -> copy(server, client));
                copy(client, server);
                back.join();
            }
        } catch (IOException e) {
            System.out.println("a connection of the Service: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends as the sender does: half closed, or reset when the other end has gone. */
    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            try {
                from.close();
                to.close();
            } catch (IOException closing) {
                System.out.println("a connection of the Service: " + closing);
            }
        }
    }
}
