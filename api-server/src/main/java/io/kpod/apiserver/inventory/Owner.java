package io.kpod.apiserver.inventory;

/** Something that controls pods: kind, namespace and name. */
public record Owner(String kind, String namespace, String name) {}
