package io.kpod.apiserver.window;

import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import io.kpod.summary.wire.SummaryReader.ContainerPart;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The increments of one push of one node, as the agent encoded them: no object per container, only where each one's
 * bytes stand. Immutable.
 */
final class Slot {
    final AgentSession session;
    final LabelTable labels;
    /** From reading to reading, the last one's arrival being its end. */
    final Span span;
    /**
     * What increments of polled metrics are over: from one reading of the slow sources to the next; empty if there was
     * none, so that such increments, if there are any, belong to a slot to come.
     */
    final Span polled;
    /** Made of several pushes. */
    final boolean coarse;

    private final byte[] body;
    /** Refs in ascending order, with where their bytes start and how many they are. */
    private final int[] refs;

    private final int[] offsets;
    private final int[] lengths;

    Slot(
            AgentSession session,
            LabelTable labels,
            Span span,
            Span polled,
            boolean coarse,
            byte[] body,
            List<ContainerPart> parts) {
        this.session = session;
        this.labels = labels;
        this.span = span;
        this.polled = polled;
        this.coarse = coarse;
        this.body = body;
        List<ContainerPart> sorted = parts.stream()
                .sorted(Comparator.comparingInt(ContainerPart::ref))
                .toList();
        refs = sorted.stream().mapToInt(ContainerPart::ref).toArray();
        offsets = sorted.stream().mapToInt(ContainerPart::offset).toArray();
        lengths = sorted.stream().mapToInt(ContainerPart::length).toArray();
    }

    int sizeBytes() {
        return body.length + 12 * refs.length;
    }

    int[] refs() {
        return refs;
    }

    /** Visits the increments of a container; nothing if it has none here. */
    void samples(int ref, SummaryLimits limits, long[] scratch, SampleVisitor visitor) {
        int index = Arrays.binarySearch(refs, ref);
        if (index < 0) {
            return;
        }
        try {
            SummaryReader.samples(body, offsets[index], lengths[index], limits, scratch, visitor);
        } catch (MalformedSummaryException e) {
            throw new IllegalStateException("a slot holds what was read before it was kept", e);
        }
    }
}
