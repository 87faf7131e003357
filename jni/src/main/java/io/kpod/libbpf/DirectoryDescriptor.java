package io.kpod.libbpf;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An open directory: cgroup storage is addressed by one. One owner, one thread. */
public final class DirectoryDescriptor implements AutoCloseable {
    private int descriptor;

    private DirectoryDescriptor(int descriptor) {
        this.descriptor = descriptor;
    }

    /** @throws BpfException when it can't be opened, for one because it is gone (ENOENT) */
    public static DirectoryDescriptor open(Path directory) throws BpfException {
        int descriptor = Native.openDirectory(directory.toString().getBytes(StandardCharsets.UTF_8));
        if (descriptor < 0) {
            throw BpfException.of("open " + directory, descriptor);
        }
        return new DirectoryDescriptor(descriptor);
    }

    public int number() {
        if (descriptor < 0) {
            throw new IllegalStateException("the directory is closed");
        }
        return descriptor;
    }

    @Override
    public void close() {
        if (descriptor >= 0) {
            Native.close(descriptor);
            descriptor = -1;
        }
    }
}
