package io.kpod.apiserver.ingest;

/** Takes the summaries of the agents; the window store. Called by many threads at once. */
public interface SummarySink {
    /**
     * Takes one summary, or nothing of it.
     *
     * @param node the node that authentication proved: the only one the summary may speak for
     * @param body one {@code kpod.summary.v1.Summary}
     */
    Outcome accept(String node, byte[] body);

    /** What became of a summary. */
    sealed interface Outcome {
        /** Taken, or known already; the answer is the wire's {@code Ack}. */
        record Acknowledged(long applied, boolean completeWanted, int pauseMillis) implements Outcome {}

        /** The bytes are no summary of a version known here. */
        record Malformed(String reason) implements Outcome {}

        /** The summary speaks for what it may not: a pod of another node, too many containers. */
        record Refused(String reason) implements Outcome {}

        /** The summary names a node other than the one proved. */
        record NodeMismatch(String claimed, String proved) implements Outcome {}
    }
}
