package io.kpod.apiserver.window;

import java.time.Duration;
import java.util.List;

/**
 * One pod over a window.
 *
 * @param age how long ago its node's last summary arrived
 * @param total all containers merged, and what the pod has beside them; its name is empty
 * @param containers one per container name, by name; incarnations of a restarted container are merged, the total
 *     being that of the last one
 */
public record PodWindow(Duration age, ContainerWindow total, List<ContainerWindow> containers) {
    public PodWindow {
        containers = List.copyOf(containers);
    }
}
