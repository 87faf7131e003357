package io.kpod.apiserver.change;

/**
 * What became of an object, as a watcher is told.
 *
 * @param of how it is now; of a deleted one how it was
 */
public record Event<S>(Type type, Version<S> of) {
    /** As in a watch. */
    public enum Type {
        ADDED,
        MODIFIED,
        DELETED
    }
}
