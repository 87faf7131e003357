package io.kpod.apiserver;

import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;

/** Encoded summaries. */
final class Summaries {
    private Summaries() {}

    static byte[] empty(String node) {
        SummaryWriter writer = new SummaryWriter();
        writer.begin(new SummaryHeader(node, new byte[SummaryHeader.SESSION_BYTES], 1, true, 0, 0, 0, 0, 0, 0));
        return writer.finish();
    }

    static byte[] of(String node, ContainerIdentity container) {
        SummaryWriter writer = new SummaryWriter();
        writer.begin(new SummaryHeader(node, new byte[SummaryHeader.SESSION_BYTES], 1, true, 0, 0, 0, 0, 0, 0));
        writer.beginContainer(1, container, false);
        writer.endContainer();
        return writer.finish();
    }
}
