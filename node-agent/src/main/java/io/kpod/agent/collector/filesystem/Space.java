package io.kpod.agent.collector.filesystem;

/** Bytes of a filesystem: all there are, those that are free, and those that are left to a program without privileges. */
record Space(long total, long free, long available) {}
