package io.kpod.libbpf;

import org.jspecify.annotations.Nullable;

/** The functions of kpod.c; their comments are there. Handles are pointers, negative results are -errno. */
final class Native {
    static {
        Library.load();
    }

    private Native() {}

    static native byte @Nullable [] takeLog();

    static native String errnoName(int errno);

    static native String errnoText(int errno);

    static native long objectOpen(String name, byte[] elf);

    static native int objectLoad(long object);

    static native void objectClose(long object);

    static native long findMap(long object, String name);

    static native long findProgram(long object, String name);

    static native int mapSetMaxEntries(long map, int entries);

    static native int mapReuse(long map, int descriptor);

    static native int mapDescriptor(long map);

    static native void mapShape(long map, int[] into);

    static native int setConstant(long object, String name, long value);

    static native int setConstantBytes(long object, String name, byte[] value);

    static native String @Nullable [] objectPrograms(long object);

    static native void programSetAutoload(long program, boolean load);

    static native boolean programAutoload(long program);

    static native long programAttach(long program);

    static native long programAttachMajorFaults(long program, int cpu);

    static native long programAttachCgroup(long program, int cgroup);

    static native void linkDestroy(long link);

    static native int programStatistics(long program, long[] into);

    static native long programRun(long program, long argument);

    static native int mapUpdate(int map, long key, long value, long flags);

    static native int mapLookup(int map, long key, long value);

    static native int mapTake(int map, long key, long value);

    static native int mapDelete(int map, long key);

    static native int mapTakeAll(int map, long keys, long values, int most);

    static native int mapNextKey(int map, long key, long next);

    static native long mapMmap(int map, long length);

    static native void mapMunmap(long address, long length);

    static native int openDirectory(byte[] path);

    static native void close(int descriptor);

    static native long bootNanos();

    static native long kernelBtf();

    static native void btfFree(long btf);

    static native boolean btfHasMember(long btf, String type, String member);

    static native @Nullable String btfTracepointArgument(long btf, String tracepoint, int argument);

    static native int mapNeedsCapability(int map);

    static native int dropCapabilities(long kept);

    static native int btfTracepointArguments(long btf, String name);

    static native boolean btfHasFunction(long btf, String name);

    static native int probeFentry(String function);

    static native int probeMapType(int type);
}
