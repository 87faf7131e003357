package io.kpod.libbpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BpfExceptionTest {
    @Test
    void theVerifiersLastWordTellsMost() {
        String log = """
                libbpf: prog 'sched_switch': BPF program load failed: Permission denied
                libbpf: prog 'sched_switch': -- BEGIN PROG LOAD LOG --
                0: R1=ctx(off=0,imm=0) R10=fp0
                1: (79) r2 = *(u64 *)(r1 +64)
                func 'sched_switch' doesn't have 9-th argument
                invalid bpf_context access off=64 size=8
                processed 2 insns (limit 1000000) max_states_per_insn 0
                -- END PROG LOAD LOG --
                libbpf: failed to load program 'sched_switch'
                """;
        assertThat(BpfException.tellingLine(log)).isEqualTo("invalid bpf_context access off=64 size=8");
    }

    @Test
    void withoutAVerifierItIsLibbpfsFirstComplaint() {
        String log = """
                libbpf: map 'groups': failed to create: Invalid argument(-22)
                libbpf: failed to load object 'cpu.bpf.o'
                """;
        assertThat(BpfException.tellingLine(log)).isEqualTo("map 'groups': failed to create: Invalid argument(-22)");
    }

    @Test
    void aFileThatIsNoElfIsRefusedByName() {
        byte[] text = "this is no ELF file, but it is long enough to be looked at as one by anybody"
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> BpfObject.open("cpu.bpf.o", text))
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith("open BPF object cpu.bpf.o: ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void anEmptyFileIsRefusedByName() {
        assertThatThrownBy(() -> BpfObject.open("cpu.bpf.o", new byte[0]))
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith("open BPF object cpu.bpf.o: ");
    }
}
