package io.kpod.agent.collector.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.kpod.agent.collector.files.KernelText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static final String VOLUMES = "/var/lib/kubelet/pods/4f7e1a86-2a3b-4c5d-8e9f-0a1b2c3d4e5f/volumes/";

    private static final String FILE = """
            700 650 0:60 / / rw,relatime master:20 - overlay overlay rw,lowerdir=/a:/b,upperdir=/c
            701 700 0:63 / /proc rw,nosuid - proc proc rw
            702 700 0:64 / /dev rw - tmpfs tmpfs rw,size=65536k
            703 702 0:65 / /dev/shm rw shared:3 master:4 propagate_from:2 - tmpfs shm rw,size=65536k
            704 700 254:0 /var/lib/kubelet/pods/x/etc-hosts /etc/hosts rw - ext4 /dev/vda rw
            705 700 0:70 / /data/with\\040blank\\134 rw - tmpfs tmpfs rw,size=1024k
            706 700 8:17 /sub /pv rw,noatime - ext4 /dev/sdb1 rw
            707 700 0:71 / /run/secrets/kubernetes.io/serviceaccount ro - tmpfs tmpfs rw
            708 700 0:72 / /running rw - nfs4 server:/export rw,addr=10.0.0.1
            710 700 0:74 / /run/containerd/sandboxes/0123/shm rw shared:9 - tmpfs shm rw,size=65536k
            709 700 0:73 / /sys ro - sysfs sysfs ro
            """;

    private static List<Mount> read(String file) {
        KernelText text = new KernelText();
        text.set(file.getBytes(StandardCharsets.UTF_8));
        return MountTable.read(text);
    }

    @Test
    void onlyFilesystemsThatMayHoldDataAreShown() {
        assertThat(read(FILE))
                .containsExactly(
                        new Mount(MountTable.device(254, 0), false, "/etc/hosts"),
                        new Mount(MountTable.device(0, 70), true, "/data/with blank\\"),
                        new Mount(MountTable.device(8, 17), false, "/pv"),
                        new Mount(MountTable.device(0, 72), true, "/running"));
    }

    @Property
    void aFileThatIsCutOffAnywhereGivesOnlyWholeMounts(@ForAll @IntRange(max = 1_000) int length) {
        assertThat(read(FILE)).containsAll(read(FILE.substring(0, Math.min(length, FILE.length()))));
    }

    @Property
    void anyTextMakesNoFailure(@ForAll String text, @ForAll @IntRange(max = 1_000) int at) {
        int place = Math.min(at, FILE.length());
        assertThatCode(() -> read(FILE.substring(0, place) + text + FILE.substring(place)))
                .doesNotThrowAnyException();
    }

    @Test
    void whichPodsVolumeItIsAndOfWhichPluginStandsInThePath() {
        Mount secret = new Mount(1, true, VOLUMES + "kubernetes.io~secret/key");
        assertThat(secret.plugin()).isEqualTo("secret");
        assertThat(secret.podUid()).isEqualTo("4f7e1a86-2a3b-4c5d-8e9f-0a1b2c3d4e5f");
        Mount csi = new Mount(1, true, "/elsewhere" + VOLUMES + "kubernetes.io~csi/pv/mount");
        assertThat(csi.plugin()).isEqualTo("csi");
        for (String none : List.of(
                "/pods/volumes/x~y/z",
                "/var/lib/kubelet/pods/uid/volume-subpaths/data/main/0",
                "/pods/uid/deeper/volumes/a~b/c",
                "/data/volumes/a~b",
                VOLUMES + "plain/c~d",
                "/")) {
            assertThat(new Mount(1, true, none).plugin()).as(none).isEmpty();
        }
    }

    @Test
    void aMountThatALaterOneHidesIsNotSeen() {
        Mount hidden = new Mount(1, true, "/data");
        Mount seen = new Mount(2, true, "/data");
        assertThat(MachineMounts.seen(List.of(hidden, seen))).containsExactly(seen);
    }
}
