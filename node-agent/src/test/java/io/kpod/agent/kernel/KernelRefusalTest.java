package io.kpod.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.KernelBtf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one reads when the kernel side can't work: one line that names the thing and the way out. */
class KernelRefusalTest {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");

    /** What the object files of this kernel's variant end with. */
    private static final String VARIANT = RealKernel.hashed() ? "-hashed.bpf.o" : ".bpf.o";

    private static final String OBJECT = "container" + VARIANT;

    @TempDir
    private Path directory;

    @Test
    void aMissingProgramFileIsNamed() {
        RealKernel.require();
        assertThatThrownBy(() -> ContainerSlots.open(new KernelSettings(10, MOUNT, false, directory)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory + "/" + OBJECT)
                .hasMessageContaining("kpod.bpf.program-dir")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFileThatIsNoBpfObjectIsNamed() throws Exception {
        RealKernel.require();
        Files.writeString(directory.resolve(OBJECT), "not an ELF file");
        assertThatThrownBy(() -> ContainerSlots.open(new KernelSettings(10, MOUNT, false, directory)))
                .isInstanceOf(BpfException.class)
                .hasMessageContaining(OBJECT)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFamilyWithoutItsProgramIsOffAndTheRestGoesOn() throws Exception {
        RealKernel.require();
        try (var in = Programs.class.getResourceAsStream("/io/kpod/bpf/" + OBJECT)) {
            Files.write(directory.resolve(OBJECT), in.readAllBytes());
        }
        Files.writeString(directory.resolve("cpu" + VARIANT), "not an ELF file");
        try (ContainerSlots slots = ContainerSlots.open(new KernelSettings(500, MOUNT, false, directory));
                var cpu = CpuCollector.open(slots, RealKernel.btf())) {
            assertThat(cpu.state())
                    .isInstanceOfSatisfying(
                            CollectorState.Off.class,
                            off -> assertThat(off.reason()).contains("cpu" + VARIANT));
            assertThat(cpu.metrics()).isEmpty();
            assertThat(cpu.width()).isZero();
            slots.rewalk();
        }
    }

    @Test
    void withoutCgroupV2ThePathAndTheWayOutAreNamed() {
        assertThatThrownBy(() -> ContainerSlots.open(new KernelSettings(10, directory, false, Path.of(""))))
                .isInstanceOf(NoCgroupV2Exception.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("mount -t cgroup2")
                .hasMessageNotContaining("\n");
    }

    @Test
    void theMissingCapabilityIsNamed() throws Exception {
        RealKernel.require();
        assertThat(openWithout("bpf")).contains("BPF").doesNotContain("PERFMON");
        assertThat(openWithout("perfmon")).contains("PERFMON");
        assertThat(openWithout("bpf", "perfmon")).contains("missing capability BPF and PERFMON");
    }

    @Test
    void bpfAndPerfmonAreEnoughAndCgroupsMayBeReadOnly() throws Exception {
        RealKernel.require();
        String readOnly = "mount -o remount,bind,ro " + RealKernel.tree().root() + " && exec \"$@\"";
        assertThat(open(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        readOnly,
                        "sh",
                        "setpriv",
                        "--bounding-set",
                        "-all,+bpf,+perfmon"))
                .startsWith("Running");
    }

    @Test
    void aLimitOfLockedMemoryThatIsTooLowIsToldWhereTheKernelKeepsToIt() throws Exception {
        RealKernel.require();
        String opened = open("prlimit", "--memlock=65536:65536", "setpriv", "--bounding-set", "-all,+bpf,+perfmon");
        if (RealKernel.countsMapsAsLocked()) {
            assertThat(opened).contains("RLIMIT_MEMLOCK", "SYS_RESOURCE");
        } else {
            assertThat(opened).startsWith("Running");
        }
    }

    @Test
    void aKernelWithoutBtfIsToldAndWhatItNeeds() throws Exception {
        RealKernel.require();
        assertThat(open("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"", "sh"))
                .contains("/sys/kernel/btf/vmlinux")
                .contains("CONFIG_DEBUG_INFO_BTF");
    }

    private static String openWithout(String... capabilities) throws Exception {
        return open("setpriv", "--bounding-set", "-sys_admin,-" + String.join(",-", capabilities));
    }

    /** In another JVM: there is no way back from a dropped capability. */
    private static String open(String... through) throws Exception {
        List<String> command = new ArrayList<>(List.of(through));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                OpenSlots.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).isZero();
        assertThat(output.strip().lines()).hasSize(1);
        return output;
    }

    /** Prints what opening the slots and the collector fails with. */
    static final class OpenSlots {
        private OpenSlots() {}

        public static void main(String[] arguments) {
            try (KernelBtf btf = KernelBtf.load();
                    ContainerSlots slots =
                            ContainerSlots.open(new KernelSettings(500, MOUNT, false, Path.of("")), btf);
                    var cpu = CpuCollector.open(slots, btf)) {
                System.out.println(cpu.state());
            } catch (BpfException | IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
