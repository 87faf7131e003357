package io.kpod.agent.kernel;

import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.Capability;
import io.kpod.libbpf.KernelBtf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What tests against the running kernel need. Where it lacks they are skipped, loudly; in CI (environment CI=true)
 * they fail.
 */
public final class RealKernel {
    /**
     * Tag of tests of what version 1 of cgroups has not: they need a machine with version 2 alone, and swap. The emulated ones of
     * {@code hack/qemu} are so; node-agent/pom.xml leaves them out elsewhere.
     */
    public static final String CGROUP_V2 = "cgroup-v2";

    private static final Path MOUNT = Path.of("/sys/fs/cgroup");

    private RealKernel() {}

    /** Skips or fails the test unless programs can be loaded and cgroups made here. */
    public static void require() {
        if (!Files.exists(Path.of("/sys/kernel/btf/vmlinux"))) {
            lacks("this kernel has no BTF: no /sys/kernel/btf/vmlinux");
        }
        if (!Capability.missingForTracing().isEmpty()) {
            lacks("this process lacks the capabilities " + Capability.missingForTracing() + ": run the tests as root");
        }
        try {
            if (!Files.isWritable(CgroupTree.find(MOUNT).root())) {
                lacks("no cgroups can be made below " + MOUNT + ": run the tests as root");
            }
        } catch (NoCgroupV2Exception e) {
            lacks(String.valueOf(e.getMessage()));
        }
    }

    /** The cgroup v2 hierarchy. */
    static CgroupTree tree() throws IOException {
        return CgroupTree.find(MOUNT);
    }

    /** Opens slots in the variant of this kernel, or in that for older ones. */
    public static ContainerSlots open(int maxContainers, boolean hashed) throws BpfException, IOException {
        return ContainerSlots.open(settings(maxContainers), tree(), new Programs(Path.of(""), hashed));
    }

    /**
     * The variants of programs that this kernel can run: with hashes always, with storage of cgroups and tasks where it
     * has it. For {@code @ParameterizedClass}. With environment KPOD_TEST_VARIANTS=own only the one that the agent takes:
     * a machine whose processor is emulated has no time for what older kernels show.
     */
    public static List<Boolean> variants() {
        return hashed() || "own".equals(System.getenv("KPOD_TEST_VARIANTS")) ? List.of(hashed()) : List.of(false, true);
    }

    /** Whether the agent takes the variant with hashes here. */
    public static boolean hashed() {
        try (KernelBtf btf = KernelBtf.load()) {
            return KernelFeature.localStorage(btf) instanceof KernelFeature.Unsupported;
        } catch (BpfException e) {
            return true; // require() says what is missing
        }
    }

    /** Whether maps count towards RLIMIT_MEMLOCK, as before Linux 5.11, and not as the memory of a group. */
    static boolean countsMapsAsLocked() {
        return !btf().hasMember("bpf_map", "memcg") && !btf().hasMember("bpf_map", "objcg");
    }

    /**
     * How many events, or pages, of a kind memory.stat may lack. Until Linux 5.13 had it summed up when it is read
     * (2d146aa3aa84), each CPU keeps those of a group to itself until they are more than MEMCG_CHARGE_BATCH, 32
     * (__count_memcg_events and __mod_memcg_state in mm/memcontrol.c); since then none.
     */
    public static long keptByCpus() {
        return btf().hasMember("mem_cgroup", "vmevents")
                ? 32L * Runtime.getRuntime().availableProcessors()
                : 0;
    }

    /** How many containers this machine runs anyway. */
    public static int foreignContainers() throws IOException {
        CgroupTree tree = tree();
        return count(tree, tree.top());
    }

    private static int count(CgroupTree tree, CgroupTree.Directory group) throws IOException {
        if (GroupKind.of(group.name(), false) == GroupKind.CONTAINER) {
            return 1;
        }
        int count = 0;
        for (CgroupTree.Directory below : tree.below(group)) {
            count += count(tree, below);
        }
        return count;
    }

    /** Settings for this machine. */
    public static KernelSettings settings(int maxContainers) {
        return new KernelSettings(maxContainers, MOUNT, false, Path.of(""));
    }

    /** The running kernel's types. */
    public static KernelBtf btf() {
        return Loaded.BTF;
    }

    private static final class Loaded {
        static final KernelBtf BTF = load();

        private static KernelBtf load() {
            try {
                return KernelBtf.load();
            } catch (BpfException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void lacks(String what) {
        if (Boolean.parseBoolean(System.getenv("CI"))) {
            Assertions.fail("in CI every kernel test must run, but " + what);
        }
        System.err.println("SKIPPED kernel test: " + what);
        Assumptions.abort(what);
    }
}
