package io.kpod.agent.collector;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A round of reading slow sources.
 *
 * @param targets all that there are, the pods after their containers; not all need be sampled
 * @param refs their numbers: what is kept of others is of no use any more
 */
public record Round(List<Target> targets, Set<Integer> refs) {
    /** Of these targets. */
    public Round(List<Target> targets) {
        this(targets, HashSet.newHashSet(targets.size()));
        targets.forEach(target -> refs.add(target.ref()));
    }
}
