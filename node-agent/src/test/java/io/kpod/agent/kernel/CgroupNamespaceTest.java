package io.kpod.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * An agent in a container has a cgroup namespace of its own, whose root is its own group: paths are the hierarchy's
 * all the same.
 */
class CgroupNamespaceTest {
    @Test
    void containersBornBeforeAndAfterAreSeenFromWithinAnotherNamespace() throws Exception {
        RealKernel.require();
        try (CgroupSandbox sandbox = new CgroupSandbox()) {
            Path before = sandbox.container();
            Path own = sandbox.container();
            Path after = sandbox.containerPath();
            Process child = new ProcessBuilder(List.of(
                            "sh",
                            "-c",
                            "echo $$ > \"$1/cgroup.procs\" && shift && exec unshare --cgroup \"$@\"",
                            "sh",
                            own.toString(),
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            PrintPaths.class.getName(),
                            after.toString()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<String> paths =
                    new String(child.getInputStream().readAllBytes()).lines().toList();
            assertThat(child.waitFor()).isZero();
            assertThat(paths)
                    .startsWith("0::/")
                    .contains(sandbox.inHierarchy(before), sandbox.inHierarchy(own), sandbox.inHierarchy(after));
        }
    }

    /** Prints its own group as its namespace sees it, then the path of each container, after it has made one. */
    static final class PrintPaths {
        private PrintPaths() {}

        public static void main(String[] arguments) throws Exception {
            java.nio.file.Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                    .filter(line -> line.startsWith("0::"))
                    .forEach(System.out::println);
            try (ContainerSlots slots = ContainerSlots.open(RealKernel.settings(500))) {
                java.nio.file.Files.createDirectory(Path.of(arguments[0]));
                slots.scan(slot -> System.out.println(slot.path()));
            }
        }
    }
}
