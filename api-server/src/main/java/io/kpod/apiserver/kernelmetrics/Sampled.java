package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.kpod.apiserver.window.ContainerWindow;
import java.time.Duration;

/** An object that rests on a sample of a certain age. */
interface Sampled {
    /** How old the sample is; not part of the object, because it grows. */
    @JsonIgnore
    Duration age();

    /** How much time a window covers, in whole seconds. */
    static String window(ContainerWindow window) {
        return Math.round(window.covered().toMillis() / 1000.0) + "s";
    }
}
