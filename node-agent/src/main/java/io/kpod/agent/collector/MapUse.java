package io.kpod.agent.collector;

import java.util.function.LongSupplier;

/**
 * How full a map is.
 *
 * @param map its name in the kernel program
 * @param capacity entries there is room for, or {@link #UNBOUNDED}
 * @param entries those in use
 * @param errors entries that found no room since the start
 */
public record MapUse(String map, long capacity, LongSupplier entries, LongSupplier errors) {
    /** The capacity of a map that memory alone bounds; how many entries it has is not known then. */
    public static final long UNBOUNDED = 0;
}
