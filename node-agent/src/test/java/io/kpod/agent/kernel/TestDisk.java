package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Files on a disk, all of whose blocks are written; removed at the end. The disk is that of the build, or the one that KPOD_TEST_DISK names. */
public final class TestDisk implements AutoCloseable {
    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    public TestDisk() throws IOException {
        String named = System.getenv("KPOD_TEST_DISK");
        folder = Files.createDirectories(named == null ? Path.of("target/disk").toAbsolutePath() : Path.of(named));
        if (Files.getFileStore(folder).type().equals("tmpfs")) {
            throw new IOException(folder + " is no disk: let KPOD_TEST_DISK name a folder on one");
        }
    }

    /** Where a file can be made. */
    public Path place(String name) {
        Path file = folder.resolve(name + ProcessHandle.current().pid());
        files.add(file);
        return file;
    }

    /** Makes a file of random bytes. */
    public Path file(String name, int size) throws IOException {
        Path file = place(name);
        byte[] bytes = new byte[size];
        ThreadLocalRandom.current().nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes));
            channel.force(true);
        }
        return file;
    }

    /** The kernel's name of the block device. */
    public String device() throws IOException {
        long number = (long) Files.getAttribute(folder, "unix:dev");
        // as makedev(3) puts them together
        long major = number >>> 8 & 0xfff;
        long minor = number & 0xff | number >>> 12 & 0xfff00;
        Path device = Path.of("/sys/dev/block/" + major + ":" + minor).toRealPath();
        Path whole = Files.exists(device.resolve("partition")) ? device.getParent() : device;
        return whole.getFileName().toString();
    }

    @Override
    public void close() throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
