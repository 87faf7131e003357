package io.kpod.agent.collector.disk;

import io.kpod.agent.collector.files.KernelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names of block devices by their numbers, as {@code /sys/dev/block} has them; else as {@code diskstats} and {@code
 * partitions} do, which no namespace hides. A number may come to belong to another device, so that names are asked for
 * anew after a while. Used by one thread.
 */
final class BlockDevices {
    private static final Path SYS = Path.of("/sys/dev/block");
    private static final long KEPT_NANOS = Duration.ofMinutes(5).toNanos();

    private final Path sys;
    private final List<Path> lists;
    private final Map<Long, String> names = new HashMap<>();
    private long forgetNanos = System.nanoTime() + KEPT_NANOS;

    BlockDevices(Path procRoot) {
        this(SYS, List.of(procRoot.resolve("diskstats"), Path.of("/proc/diskstats"), Path.of("/proc/partitions")));
    }

    BlockDevices(Path sys, List<Path> lists) {
        this.sys = sys;
        this.lists = lists;
    }

    /** The device's name; its numbers where nobody names it. */
    String name(int major, int minor) {
        if (System.nanoTime() - forgetNanos > 0) {
            names.clear();
            forgetNanos = System.nanoTime() + KEPT_NANOS;
        }
        return names.computeIfAbsent((long) major << Integer.SIZE | minor, number -> find(major, minor));
    }

    /** The device whose numbers, {@code MAJOR:MINOR}, stand at the text's cursor; null: there are none. */
    @Nullable
    String read(KernelText text) {
        long major = text.number();
        if (major < 0 || major > Integer.MAX_VALUE || !text.skip(':')) {
            return null;
        }
        long minor = text.number();
        return minor < 0 || minor > Integer.MAX_VALUE ? null : name((int) major, (int) minor);
    }

    private String find(int major, int minor) {
        String numbers = major + ":" + minor;
        try {
            Path device = Files.readSymbolicLink(sys.resolve(numbers)).getFileName();
            if (device != null) {
                return device.toString();
            }
        } catch (IOException | InvalidPathException e) {
            // the lists may have it
        }
        for (Path list : lists) {
            try {
                for (String line : Files.readAllLines(list)) {
                    List<String> words = List.of(line.strip().split("\\s+"));
                    if (words.size() > 2
                            && words.get(0).equals(Integer.toString(major))
                            && words.get(1).equals(Integer.toString(minor))) {
                        // MAJOR MINOR NAME ... in diskstats, MAJOR MINOR BLOCKS NAME in partitions
                        return words.get(words.size() == 4 ? 3 : 2);
                    }
                }
            } catch (IOException e) {
                // not mounted: the next list
            }
        }
        return numbers;
    }
}
