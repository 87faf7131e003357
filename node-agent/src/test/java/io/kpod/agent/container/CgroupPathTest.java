package io.kpod.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.container.CgroupOwner.Container;
import io.kpod.agent.container.CgroupOwner.PodContainer;
import io.kpod.agent.container.CgroupOwner.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths as they were seen under kubelets and runtimes of each kind. */
class CgroupPathTest {
    private static final String ID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String UID = "4f7e1a86-2a3b-4c5d-8e9f-0a1b2c3d4e5f";
    private static final String UNDERSCORED = UID.replace('-', '_');

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%1$s.slice/cri-containerd-%3$s.scope",
                "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod%1$s.slice/crio-%3$s.scope",
                "/kubepods.slice/kubepods-pod%1$s.slice/docker-%3$s.scope",
                "/kubepods/burstable/pod%2$s/%3$s",
                "/kubepods/besteffort/pod%2$s/crio-%3$s",
                "/kubepods/pod%2$s/%3$s",
                "/system.slice/kubepods-burstable-pod%1$s.slice:cri-containerd:%3$s",
                "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod%1$s.slice/cri-containerd-%3$s.scope",
                "/docker/%3$s/kubelet/kubepods/pod%2$s/%3$s",
            })
    void aPodsContainerUnderEveryDriverRuntimeAndQosClass(String pattern) {
        assertThat(CgroupPath.parse(pattern.formatted(UNDERSCORED, UID, ID))).isEqualTo(new PodContainer(UID, ID));
    }

    @Test
    void aStaticPodsUidIsTheHashOfItsFile() {
        assertThat(CgroupPath.parse("/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" + ID))
                .isEqualTo(new PodContainer("0123456789abcdef0123456789abcdef", ID));
    }

    @Test
    void aPodWithinAPodIsTheInnerOne() {
        String outer = "ffffffff-ffff-ffff-ffff-ffffffffffff";
        assertThat(CgroupPath.parse("/kubepods/pod" + outer + "/" + ID + "/kubepods/pod" + UID + "/" + ID))
                .isEqualTo(new PodContainer(UID, ID));
    }

    @Test
    void containersOutsidePodsAndUnits() {
        assertThat(CgroupPath.parse("/docker/" + ID)).isEqualTo(new Container(ID));
        assertThat(CgroupPath.parse("/system.slice/docker-" + ID + ".scope")).isEqualTo(new Container(ID));
        assertThat(CgroupPath.parse("/machine.slice/libpod-" + ID + ".scope")).isEqualTo(new Container(ID));
        assertThat(CgroupPath.parse("/system.slice/ssh.service")).isEqualTo(new Unit("ssh.service"));
        assertThat(CgroupPath.parse("/init.scope")).isEqualTo(new Unit("init.scope"));
        assertThat(CgroupPath.parse("/")).isEqualTo(new CgroupOwner.Host());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kubepods.slice",
                "/kubepods/burstable",
                "/system.slice/crio-conmon-%s.scope",
                "/mine/0123abc",
                "/x%s"
            })
    void whatIsNoContainerIsNotTakenForOne(String pattern) {
        String path = pattern.formatted(ID);
        assertThat(CgroupPath.parse(path)).isEqualTo(new CgroupOwner.Other(path));
    }
}
