package io.kpod.agent.kernel;

import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The compiled kernel programs, each in the variant for this kernel.
 *
 * @param directory where they lie; empty: in the agent's own jars
 * @param hashed whether the variant with hashes is taken, in place of storage with cgroups and tasks
 */
public record Programs(Path directory, boolean hashed) {
    private static final String RESOURCES = "/io/kpod/bpf/";

    /** Opens the object of a family; nothing is in the kernel yet. */
    public BpfObject open(String family) throws BpfException, IOException {
        String file = family + (hashed ? "-hashed" : "") + ".bpf.o";
        return BpfObject.open(file, read(file));
    }

    private byte[] read(String file) throws IOException {
        if (!directory.toString().isEmpty()) {
            Path path = directory.resolve(file);
            try {
                return Files.readAllBytes(path);
            } catch (IOException e) {
                throw new IOException(
                        "can't read BPF object " + path + " (" + e.getClass().getSimpleName()
                                + "): kpod.bpf.program-dir must hold the compiled programs; unset, the agent's own are used",
                        e);
            }
        }
        try (InputStream in = Programs.class.getResourceAsStream(RESOURCES + file)) {
            if (in == null) {
                throw new FileNotFoundException(
                        "BPF object " + file + " is not in the agent's jars: build the module bpf");
            }
            return in.readAllBytes();
        }
    }
}
