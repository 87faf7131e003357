package io.kpod.libbpf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A compiled BPF object: opened, configured, loaded, attached; closing detaches its programs and drops its maps.
 *
 * <p>Thread-safe: one lock an object guards everything that touches native handles; after {@link #close} every call
 * throws {@link IllegalStateException}. Memory mapped from a map ({@link BpfMap#mmap}) belongs to its arena and
 * outlives the object.
 */
public final class BpfObject implements AutoCloseable {
    private final String name;
    private final Map<String, List<Long>> links = new LinkedHashMap<>();
    private long handle;

    private BpfObject(String name, long handle) {
        this.name = name;
        this.handle = handle;
    }

    /**
     * Reads the object; nothing is in the kernel yet.
     *
     * @param name for messages, and for the kernel's names of its maps
     * @throws BpfException when {@code elf} is not a BPF object
     */
    public static BpfObject open(String name, byte[] elf) throws BpfException {
        Native.takeLog();
        long handle = Native.objectOpen(name, elf);
        if (handle < 0) {
            throw BpfException.of("open BPF object " + name, handle);
        }
        return new BpfObject(name, handle);
    }

    /** Sets a {@code const volatile} global of the program. Before {@link #load}. */
    public synchronized BpfObject constant(String variable, long value) throws BpfException {
        check("set " + variable, Native.setConstant(handle(), variable, value));
        return this;
    }

    /** Sets one that is a struct or an array, whole. Before {@link #load}. */
    public synchronized BpfObject constant(String variable, byte[] value) throws BpfException {
        check("set " + variable, Native.setConstantBytes(handle(), variable, value));
        return this;
    }

    /** Sets how many entries a map will have. Before {@link #load}. */
    public synchronized BpfObject maxEntries(String map, int entries) throws BpfException {
        check("size map " + map, Native.mapSetMaxEntries(find(map), entries));
        return this;
    }

    /** Takes another object's loaded map in place of this object's own. Before {@link #load}. */
    public synchronized BpfObject reuse(String map, BpfMap loaded) throws BpfException {
        check("share map " + map, Native.mapReuse(find(map), loaded.descriptor()));
        return this;
    }

    /** Verifies and loads all programs and creates all maps. */
    public synchronized BpfObject load() throws BpfException {
        Native.takeLog();
        check("load", Native.objectLoad(handle()));
        return this;
    }

    /** A map of the loaded object. */
    public synchronized BpfMap map(String map) throws BpfException {
        return new BpfMap(this, map, find(map));
    }

    /** A program of the object. */
    public synchronized BpfProgram program(String program) throws BpfException {
        long result = Native.findProgram(handle(), program);
        if (result < 0) {
            throw BpfException.of("BPF object " + name + " has no program " + program);
        }
        return new BpfProgram(this, program, result);
    }

    /** All programs that are loaded, or will be: those that {@link #leaveOut} did not name. */
    public synchronized List<BpfProgram> programs() throws BpfException {
        List<BpfProgram> programs = new ArrayList<>();
        for (String program : programNames()) {
            long found = Native.findProgram(handle(), program);
            if (Native.programAutoload(found)) {
                programs.add(new BpfProgram(this, program, found));
            }
        }
        return programs;
    }

    /** Does not load this program: it is for other kernels. Before {@link #load}. */
    public synchronized BpfObject leaveOut(String program) throws BpfException {
        long found = Native.findProgram(handle(), program);
        if (found < 0) {
            throw BpfException.of("BPF object " + name + " has no program " + program);
        }
        Native.programSetAutoload(found, false);
        return this;
    }

    /** Attaches every program that was loaded, in the object's order. */
    public void attach() throws BpfException {
        for (BpfProgram program : programs()) {
            program.attach();
        }
    }

    /** Detaches, unloads, frees; again: nothing. */
    @Override
    public synchronized void close() {
        if (handle != 0) {
            List.copyOf(links.keySet()).reversed().forEach(this::detach);
            Native.objectClose(handle);
            handle = 0;
        }
    }

    /** The object's name, as given when it was opened. */
    public String name() {
        return name;
    }

    void attached(String program, long link) {
        links.computeIfAbsent(program, any -> new ArrayList<>()).add(link);
    }

    /** Callers hold this object's lock. */
    boolean isAttached(String program) {
        return links.containsKey(program);
    }

    /** Callers hold this object's lock. */
    void detach(String program) {
        List<Long> ended = links.remove(program);
        if (ended != null) {
            ended.reversed().forEach(Native::linkDestroy);
        }
    }

    /** Callers hold this object's lock. */
    void ensureOpen() {
        handle();
    }

    BpfException failure(@Nullable String part, long result) {
        return BpfException.of(part == null ? name : part + " of " + name, result);
    }

    private long handle() {
        if (handle == 0) {
            throw new IllegalStateException("BPF object " + name + " is closed");
        }
        return handle;
    }

    private List<String> programNames() {
        String[] names = Native.objectPrograms(handle());
        return names == null ? List.of() : List.of(names);
    }

    private long find(String map) throws BpfException {
        long result = Native.findMap(handle(), map);
        if (result < 0) {
            throw BpfException.of("BPF object " + name + " has no map " + map);
        }
        return result;
    }

    private void check(String attempt, int result) throws BpfException {
        if (result < 0) {
            throw failure(attempt, result);
        }
    }
}
