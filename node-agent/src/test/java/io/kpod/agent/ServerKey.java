package io.kpod.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The key of a test's HTTPS server, made by the JDK's keytool.
 *
 * @param certificate of the server, signed by itself; PEM
 */
public record ServerKey(Path store, Path certificate) {
    private static final String PASSWORD = "changeit";

    /**
     * A new one.
     *
     * @param names whom it is for, as keytool writes it: {@code ip:127.0.0.1}
     */
    public static ServerKey of(Path folder, String names) throws IOException, InterruptedException {
        ServerKey key = new ServerKey(folder.resolve("server.p12"), folder.resolve("server.crt"));
        keytool(key.store, "-genkeypair", "-keyalg", "EC", "-dname", "CN=server", "-ext", "san=" + names);
        keytool(key.store, "-exportcert", "-rfc", "-file", key.certificate.toString());
        return key;
    }

    /** TLS for the server. */
    public SSLContext context() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        return tls;
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "server", "-keystore", store.toString(), "-storepass", PASSWORD));
        Path log = Files.createTempFile("keytool", ".log");
        int exit = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        String said = Files.readString(log);
        Files.delete(log);
        if (exit != 0) {
            throw new IOException(said);
        }
    }
}
