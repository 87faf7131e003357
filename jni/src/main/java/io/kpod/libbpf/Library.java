package io.kpod.libbpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Finds libkpod.so: in the folder that the system property {@value #FOLDER_PROPERTY} names (an image with a read-only
 * root), or else in the jar, from where it is copied to a temporary file that is deleted as soon as it is loaded.
 */
final class Library {
    static final String FOLDER_PROPERTY = "kpod.library.dir";
    private static final String FILE = "libkpod.so";

    private Library() {}

    static void load() {
        String folder = System.getProperty(FOLDER_PROPERTY);
        if (folder != null) {
            System.load(Path.of(folder, FILE).toAbsolutePath().toString());
            return;
        }
        String resource = architecture() + "/" + FILE;
        try (InputStream in = Library.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new UnsatisfiedLinkError("no " + FILE + " for " + architecture()
                        + " in this build; name a folder that has one: -D" + FOLDER_PROPERTY + "=FOLDER");
            }
            Path copy = Files.createTempFile(
                    "libkpod",
                    ".so",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
                System.load(copy.toString());
            } finally {
                Files.delete(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "can't unpack " + FILE + " to " + System.getProperty("java.io.tmpdir")
                            + ": make it writable, or name a folder that " + "has the file: -D" + FOLDER_PROPERTY
                            + "=FOLDER",
                    e);
        }
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> "x86_64";
            case String other -> other;
        };
    }
}
