package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** src/test/c/load.c: a task that is born in a group and switches a known number of times. */
public final class Load {
    private static final Path SOURCE = Path.of("src/test/c/load.c");

    private Load() {}

    /**
     * Runs one and waits for it.
     *
     * @return how often it was switched out; its very last switch may be missing
     */
    public static long run(Path group, int sleeps) throws IOException {
        String output = output(List.of(Compiled.PROGRAM.toString(), group.toString(), Integer.toString(sleeps), "200"));
        return Long.parseLong(output.strip().split(" ")[0]);
    }

    private static final class Compiled {
        static final Path PROGRAM = compile();

        private static Path compile() {
            Path program = Path.of("target/load").toAbsolutePath();
            try {
                Files.createDirectories(program.getParent());
                output(List.of("cc", "-O1", "-o", program.toString(), SOURCE.toString()));
                return program;
            } catch (IOException e) {
                throw new IllegalStateException("can't compile " + SOURCE + ": apt-get install gcc libc6-dev", e);
            }
        }
    }

    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
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
