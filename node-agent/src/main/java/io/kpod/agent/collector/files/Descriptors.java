package io.kpod.agent.collector.files;

/**
 * How many descriptors the collectors may keep. Each costs about 4.6 KiB of kernel memory (seq_file's buffer is a page),
 * which counts towards the agent's own limit. Used by one thread.
 */
public final class Descriptors {
    private final int most;
    private int kept;

    /** At most {@code most}. */
    public Descriptors(int most) {
        this.most = most;
    }

    boolean take() {
        if (kept == most) {
            return false;
        }
        kept++;
        return true;
    }

    void giveBack() {
        kept--;
    }

    /** How many are kept. */
    public int kept() {
        return kept;
    }
}
