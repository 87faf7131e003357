package io.kpod.apiserver.change;

import io.kpod.apiserver.window.PodName;

/**
 * An object as of a revision.
 *
 * @param subject what is measured
 */
public record Version<S>(PodName key, S subject, long revision) {}
