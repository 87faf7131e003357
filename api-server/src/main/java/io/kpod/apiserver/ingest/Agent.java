package io.kpod.apiserver.ingest;

/** Who pushes, once that is proved. */
public sealed interface Agent {
    /** Its token says on which node it runs: it may speak for that node. */
    record OnNode(String node) implements Agent {}

    /** It holds the secret of this stand-alone server: it may speak for the host that it names. */
    record Trusted() implements Agent {}
}
