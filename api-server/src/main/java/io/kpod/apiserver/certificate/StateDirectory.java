package io.kpod.apiserver.certificate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a stand-alone server keeps and hands out: its authority, a kubeconfig and the agents' token. Files appear whole
 * or not at all; all but ca.crt are for the owner alone.
 */
public final class StateDirectory {
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Duration OWN_VALIDITY = Duration.ofDays(3650);
    private static final Duration CLIENT_VALIDITY = Duration.ofDays(365);
    private static final int TOKEN_BYTES = 32;

    private final Path directory;

    /**
     * Opens it, making the folder if there is none.
     *
     * @throws IOException if that is not possible
     */
    public StateDirectory(Path directory) throws IOException {
        this.directory = directory;
        if (!Files.isDirectory(directory)) {
            try {
                Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
            } catch (IOException e) {
                throw new IOException(
                        "kpod.api.state-dir: \"" + directory + "\" cannot be made (" + e + "): name a folder that can",
                        e);
            }
        }
    }

    /** The authority of an earlier start, or a new one if that ends soon or, by a clock set back, has not begun. */
    public CertificateAuthority authority(Instant now) throws IOException {
        Optional<String> certificate = read("ca.crt");
        Optional<String> key = read("ca.key");
        if (certificate.isPresent() && key.isPresent()) {
            try {
                CertificateAuthority kept = CertificateAuthority.fromPem(certificate.get(), key.get());
                boolean begun = !now.isBefore(kept.certificate().getNotBefore().toInstant());
                if (begun
                        && now.plus(CLIENT_VALIDITY)
                                .isBefore(kept.certificate().getNotAfter().toInstant())) {
                    return kept;
                }
            } catch (IOException e) {
                throw new IOException(
                        directory + "/ca.crt and ca.key: " + e.getMessage() + "; remove both to get new ones", e);
            }
        }
        CertificateAuthority made = CertificateAuthority.create("kpod stand-alone CA", now, OWN_VALIDITY);
        write("ca.key", Pem.write(made.key()), OWNER_ONLY);
        write("ca.crt", Pem.write(List.of(made.certificate())), READABLE);
        return made;
    }

    /** The token with which agents show themselves; that of an earlier start if there is one. */
    public String agentToken() throws IOException {
        Optional<String> kept = read("agent-token").map(String::strip).filter(token -> !token.isEmpty());
        if (kept.isPresent()) {
            return kept.get();
        }
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = HexFormat.of().formatHex(random);
        write("agent-token", token, OWNER_ONLY);
        return token;
    }

    /** Writes a kubeconfig whose user may do everything. */
    public void writeKubeconfig(CertificateAuthority authority, String server, String group, Instant now)
            throws IOException {
        KeyAndChain client = authority.signClient("kpod", group, now, CLIENT_VALIDITY);
        write(
                "kubeconfig",
                """
                apiVersion: v1
                kind: Config
                clusters:
                - name: kpod
                  cluster:
                    server: %s
                    certificate-authority-data: %s
                users:
                - name: kpod
                  user:
                    client-certificate-data: %s
                    client-key-data: %s
                contexts:
                - name: kpod
                  context:
                    cluster: kpod
                    user: kpod
                current-context: kpod
                """.formatted(
                                server,
                                base64(Pem.write(List.of(authority.certificate()))),
                                base64(Pem.write(List.of(client.leaf()))),
                                base64(Pem.write(client.key()))),
                OWNER_ONLY);
    }

    private Optional<String> read(String name) throws IOException {
        try {
            return Optional.of(Files.readString(directory.resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void write(String name, String content, Set<PosixFilePermission> permissions) throws IOException {
        Path whole = directory.resolve(name);
        Path part = directory.resolve("." + name + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(permissions));
        Files.setPosixFilePermissions(part, permissions);
        Files.writeString(part, content, StandardOpenOption.WRITE);
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
