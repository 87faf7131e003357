package io.kpod.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Comparisons of what kpod measured with an independent truth, one a line in target/accuracy.tsv: kernel release, metric,
 * where the truth came from, truth, measured. The table of errors in KERNELS.md is made of them.
 */
public final class Accuracy {
    private static final Path FILE = Path.of(System.getProperty("kpod.accuracy.file", "target/accuracy.tsv"));

    private Accuracy() {}

    /** Notes a comparison, whether it is good or bad; the test judges. */
    public static synchronized void record(String metric, String oracle, double truth, double measured) {
        try {
            String kernel =
                    Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
            Files.createDirectories(FILE.toAbsolutePath().getParent());
            Files.writeString(
                    FILE,
                    String.join("\t", kernel, metric, oracle, Double.toString(truth), Double.toString(measured)) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
