package io.kpod.apiserver.window;

import com.github.benmanes.caffeine.cache.Interner;

/**
 * One string for all that are alike, of names that many pods have: namespaces, containers, labels. It goes when nobody
 * has it any more. Thread-safe.
 */
final class SharedNames {
    private final Interner<String> interner = Interner.newWeakInterner();

    String of(String name) {
        return interner.intern(name);
    }
}
