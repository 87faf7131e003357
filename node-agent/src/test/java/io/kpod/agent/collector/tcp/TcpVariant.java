package io.kpod.agent.collector.tcp;

import io.kpod.agent.collector.tcp.TcpFamily.Right;
import io.kpod.agent.kernel.RealKernel;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One of the ways in which the family can run on this kernel.
 *
 * @param hashed whether groups and sockets are found by hashes
 */
record TcpVariant(boolean hashed, Set<Right> rights) {
    /** Every one that this kernel and this process allow, what the agent takes as a container first. */
    static List<TcpVariant> all() {
        List<TcpVariant> variants = new ArrayList<>();
        Set<Right> all = TcpFamily.rights();
        Set<Right> asContainer = EnumSet.copyOf(all);
        asContainer.remove(Right.SOCKET_EVENTS);
        for (boolean hashed : RealKernel.variants()) {
            variants.add(new TcpVariant(hashed, asContainer));
        }
        if (all.contains(Right.SOCKET_EVENTS)) {
            variants.add(new TcpVariant(RealKernel.hashed(), EnumSet.of(Right.SOCKET_EVENTS)));
        }
        if (all.contains(Right.TRACE_FUNCTIONS)) {
            variants.add(new TcpVariant(RealKernel.hashed(), EnumSet.noneOf(Right.class)));
        }
        return variants;
    }
}
