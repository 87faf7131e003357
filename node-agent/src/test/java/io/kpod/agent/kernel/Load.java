package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The programs of src/test/c, which tests run as load. The build compiles them; whoever runs tests compiles nothing. */
public final class Load {
    private static final Path PROGRAMS = Path.of("target/loads");

    private Load() {}

    /**
     * The compiled program of src/test/c/{@code name}.c.
     *
     * @throws IllegalStateException when it is not built
     */
    public static Path program(String name) {
        Path program = PROGRAMS.resolve(name).toAbsolutePath();
        if (!Files.isExecutable(program)) {
            throw new IllegalStateException("no " + program + ", which the build makes of node-agent/src/test/c/" + name
                    + ".c: ./mvnw -pl node-agent -am test-compile, and run tests in node-agent/");
        }
        return program;
    }

    /**
     * Runs src/test/c/load.c, a task that is born in a group and switches a known number of times, and waits for it.
     *
     * @return how often it was switched out; its very last switch may be missing
     */
    public static long run(Path group, int sleeps) throws IOException {
        String output = output(List.of(program("load").toString(), group.toString(), Integer.toString(sleeps), "200"));
        return Long.parseLong(output.strip().split(" ")[0]);
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
