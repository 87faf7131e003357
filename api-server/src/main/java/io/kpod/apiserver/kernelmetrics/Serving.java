package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.change.Presence;
import io.kpod.apiserver.http.StreamLimit;
import io.kpod.apiserver.query.WindowLength;
import java.time.Duration;
import java.time.InstantSource;

/**
 * What all resources of the group are served with.
 *
 * @param retention how far back lists go on, and the longest window
 * @param wallClock for timestamps, which are for people
 */
public record Serving(Presence presence, StreamLimit streams, Duration retention, InstantSource wallClock) {
    /** What a request's answer is made for. */
    Moment moment(Context context) {
        return Moment.of(ListOptions.window(context, new WindowLength(retention)), wallClock.instant());
    }
}
