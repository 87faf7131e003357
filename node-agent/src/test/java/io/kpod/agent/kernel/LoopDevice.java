package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A block device of one's own, whose blocks lie in a file; gone at the end. */
public final class LoopDevice implements AutoCloseable {
    private final TestDisk disk = new TestDisk();
    private final Path device;

    public LoopDevice(int size) throws IOException {
        if (!Files.exists(Path.of("/dev/loop-control"))) {
            run("modprobe", "loop");
        }
        device = Path.of(
                run("losetup", "--find", "--show", disk.file("loop", size).toString()));
    }

    /** Its file in /dev. */
    public Path path() {
        return device;
    }

    /** The kernel's name of it. */
    public String name() {
        return device.getFileName().toString();
    }

    /** Lets the kernel take statistics of its queue, as it does by itself, or not: they are for the throttling of writeback. */
    public void statistics(boolean on) throws IOException {
        Files.writeString(Path.of("/sys/block/" + name() + "/queue/wbt_lat_usec"), on ? "-1" : "0");
    }

    /** What /proc/diskstats says: reads, writes and discards that were completed. */
    public List<Long> completed() throws IOException {
        String[] fields = Files.readAllLines(Path.of("/proc/diskstats")).stream()
                .map(line -> line.strip().split("\\s+"))
                .filter(line -> line[2].equals(name()))
                .findFirst()
                .orElseThrow();
        return List.of(Long.valueOf(fields[3]), Long.valueOf(fields[7]), Long.valueOf(fields[14]));
    }

    @Override
    public void close() throws IOException {
        run("losetup", "--detach", device.toString());
        disk.close();
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes()).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return output;
    }
}
