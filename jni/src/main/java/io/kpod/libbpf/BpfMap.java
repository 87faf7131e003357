package io.kpod.libbpf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A map of a loaded {@link BpfObject}, which owns it. Keys and values are native memory of the sizes that the map was
 * made with: their sizes are checked on each call.
 */
public final class BpfMap {
    /** Flag of {@link #update}: only if the key is not there. */
    public static final long NO_EXIST = 1;

    /** Flag of {@link #update}: only if the key is there. */
    public static final long EXIST = 2;

    private static final int ENOENT = 2;
    private static final int EEXIST = 17;
    private static final int MAX_ENTRIES_AT = 3;
    private static final long PAGE = 4096;

    private final BpfObject object;
    private final String name;
    private final int descriptor;
    private final int keySize;
    private final int valueSize;
    private final int maxEntries;

    BpfMap(BpfObject object, String name, long handle) throws BpfException {
        this.object = object;
        this.name = name;
        descriptor = Native.mapDescriptor(handle);
        if (descriptor < 0) {
            throw object.failure("map " + name + ", not loaded,", descriptor);
        }
        int[] shape = new int[5];
        Native.mapShape(handle, shape);
        keySize = shape[1];
        valueSize = shape[2];
        maxEntries = shape[MAX_ENTRIES_AT];
    }

    /** Sets a value; false when {@code flags} forbid it (the key is there, or is not). */
    public boolean update(MemorySegment key, MemorySegment value, long flags) throws BpfException {
        check(key, keySize, "key");
        check(value, valueSize, "value");
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapUpdate(descriptor, key.address(), value.address(), flags);
            return result == -EEXIST || flags == EXIST && result == -ENOENT ? false : done("update", result);
        }
    }

    /** Reads a value into {@code into}; false when there is none. */
    public boolean lookup(MemorySegment key, MemorySegment into) throws BpfException {
        check(key, keySize, "key");
        check(into, valueSize, "value");
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapLookup(descriptor, key.address(), into.address());
            return result == -ENOENT ? false : done("look-up in", result);
        }
    }

    /** Removes a key; false when it was not there. */
    public boolean delete(MemorySegment key) throws BpfException {
        check(key, keySize, "key");
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapDelete(descriptor, key.address());
            return result == -ENOENT ? false : done("delete from", result);
        }
    }

    /**
     * Takes all entries out of a hash, in one system call: keys and values one after the other, without gaps. What the
     * kernel counts in an entry at that very moment may be lost.
     *
     * @param keys with room for {@link #maxEntries}, as {@code values}
     * @return how many there were
     */
    public int takeAll(MemorySegment keys, MemorySegment values) throws BpfException {
        check(keys, keySize * maxEntries, "table of keys");
        check(values, valueSize * maxEntries, "table of values");
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapTakeAll(descriptor, keys.address(), values.address(), maxEntries);
            done("take all from", result);
            return result;
        }
    }

    /** The key after {@code key} into {@code next}; a NULL {@code key}: the first. False when there is none. */
    public boolean nextKey(MemorySegment key, MemorySegment next) throws BpfException {
        if (!key.equals(MemorySegment.NULL)) {
            check(key, keySize, "key");
        }
        check(next, keySize, "key");
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapNextKey(descriptor, key.address(), next.address());
            return result == -ENOENT ? false : done("iterate", result);
        }
    }

    /** Appends to a queue. */
    public void push(MemorySegment value) throws BpfException {
        check(value, valueSize, "value");
        synchronized (object) {
            object.ensureOpen();
            done("push to", Native.mapUpdate(descriptor, 0, value.address(), 0));
        }
    }

    /** Takes a queue's first value; false when it is empty. */
    public boolean pop(MemorySegment into) throws BpfException {
        check(into, valueSize, "value");
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapTake(descriptor, 0, into.address());
            return result == -ENOENT ? false : done("pop from", result);
        }
    }

    /**
     * Maps an array's values into this process, element after element at {@link #stride} bytes, until {@code arena}
     * closes; then every access throws. What the kernel writes is seen without a system call.
     */
    public MemorySegment mmap(Arena arena) throws BpfException {
        long length = stride() * maxEntries;
        long pages = (length + PAGE - 1) / PAGE * PAGE;
        synchronized (object) {
            object.ensureOpen();
            long address = Native.mapMmap(descriptor, pages);
            if (address < 0) {
                throw object.failure("mmap of map " + name, address);
            }
            return MemorySegment.ofAddress(address)
                    .reinterpret(length, arena, segment -> Native.mapMunmap(segment.address(), pages));
        }
    }

    /**
     * Whether the kernel wants {@link Capability#BPF} for calls on this map although it is open; before Linux 5.19 it does
     * where {@code kernel.unprivileged_bpf_disabled} is set. Found out by trying. For maps with keys of at most 8 bytes.
     */
    public boolean needsCapability() throws BpfException {
        synchronized (object) {
            object.ensureOpen();
            int result = Native.mapNeedsCapability(descriptor);
            if (result < 0) {
                throw object.failure("trial of map " + name, result);
            }
            return result == 1;
        }
    }

    /** Bytes from one array element to the next: the kernel rounds up to 8. */
    public long stride() {
        return (valueSize + 7L) / 8 * 8;
    }

    public int keySize() {
        return keySize;
    }

    public int valueSize() {
        return valueSize;
    }

    public int maxEntries() {
        return maxEntries;
    }

    public String name() {
        return name;
    }

    /** Kernel memory that the map takes, as the kernel reports it. */
    public long memlockBytes() {
        synchronized (object) {
            object.ensureOpen();
            try (Stream<String> lines = Files.lines(Path.of("/proc/self/fdinfo/" + descriptor))) {
                return lines.filter(line -> line.startsWith("memlock:"))
                        .mapToLong(line -> Long.parseLong(
                                line.substring("memlock:".length()).strip()))
                        .findFirst()
                        .orElse(0);
            } catch (IOException e) {
                return 0;
            }
        }
    }

    int descriptor() {
        synchronized (object) {
            object.ensureOpen();
            return descriptor;
        }
    }

    private boolean done(String attempt, int result) throws BpfException {
        if (result < 0) {
            throw object.failure(attempt + " map " + name, result);
        }
        return true;
    }

    private void check(MemorySegment segment, int size, String what) {
        if (!segment.isNative() || segment.byteSize() != size) {
            throw new IllegalArgumentException(
                    "map " + name + " has a " + what + " of " + size + " bytes of native memory, not " + segment);
        }
    }
}
