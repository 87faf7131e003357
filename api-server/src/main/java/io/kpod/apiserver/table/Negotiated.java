package io.kpod.apiserver.table;

/**
 * What a client gets.
 *
 * @param yaml whether it is written in YAML instead of JSON
 */
public record Negotiated(Representation form, boolean yaml) {}
