package io.kpod.agent.collector.files;

import io.kpod.agent.collector.Sample;

/** Reads some files of one container's group. */
public interface GroupReader extends AutoCloseable {
    /** Adds what they say; nothing of a file that is not there. */
    void read(KernelText text, Sample into);

    @Override
    void close();
}
