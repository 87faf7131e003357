package io.kpod.agent;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Which collectors run. */
public enum Profile {
    MINIMAL("cpu", "oom", "disk", "cgroup"),
    STANDARD(MINIMAL, "tcp", "page-faults", "iface", "filesystem", "disk-latency"),
    COMPREHENSIVE(STANDARD, "syscall"),
    /** Each as its own key says. */
    CUSTOM();

    private final List<String> collectors;

    Profile(String... collectors) {
        this.collectors = List.of(collectors);
    }

    Profile(Profile base, String... more) {
        this.collectors =
                Stream.concat(base.collectors.stream(), Arrays.stream(more)).toList();
    }

    /** Names of the collectors that it runs; of {@link #CUSTOM}, none by itself. */
    public List<String> collectors() {
        return collectors;
    }
}
