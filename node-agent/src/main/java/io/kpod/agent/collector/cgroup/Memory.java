package io.kpod.agent.collector.cgroup;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import java.nio.file.Path;

/**
 * Memory of a group and of those below it. The working set is what is in use less the page cache that nobody used
 * lately, as the kubelet counts it for evictions.
 */
final class Memory implements GroupReader {
    /** v1 writes "no limit" as the largest whole number of pages that it can count: a little below 2^63. */
    private static final long NO_LIMIT = 1L << 62;

    private final KeptFile usage;
    private final KeptFile stat;
    private final KeptFile limit;
    private final byte[] inactiveFile;
    private final byte[] anonymous;

    private Memory(KeptFile usage, KeptFile stat, KeptFile limit, byte[] inactiveFile, byte[] anonymous) {
        this.usage = usage;
        this.stat = stat;
        this.limit = limit;
        this.inactiveFile = inactiveFile;
        this.anonymous = anonymous;
    }

    static Memory v2(Path group, Descriptors descriptors) {
        return new Memory(
                new KeptFile(group, "memory.current", descriptors),
                new KeptFile(group, "memory.stat", descriptors),
                new KeptFile(group, "memory.max", descriptors),
                word("inactive_file "),
                word("anon "));
    }

    /** v1's plain lines tell of the group alone, the {@code total_} ones of those below it too. */
    static Memory v1(Path group, Descriptors descriptors) {
        return new Memory(
                new KeptFile(group, "memory.usage_in_bytes", descriptors),
                new KeptFile(group, "memory.stat", descriptors),
                new KeptFile(group, "memory.limit_in_bytes", descriptors),
                word("total_inactive_file "),
                word("total_rss "));
    }

    @Override
    public void read(KernelText text, Sample into) {
        long inUse = number(usage, text);
        long inactive = KernelText.NONE;
        long rss = KernelText.NONE;
        if (stat.read(text)) {
            while ((inactive == KernelText.NONE || rss == KernelText.NONE) && text.nextLine()) {
                if (text.skip(inactiveFile)) {
                    inactive = text.number();
                } else if (text.skip(anonymous)) {
                    rss = text.number();
                }
            }
        }
        if (inUse != KernelText.NONE && inactive != KernelText.NONE) {
            into.gauge(Catalogue.MEM_WORKING_SET_BYTES, Math.max(0, inUse - inactive));
        }
        if (rss != KernelText.NONE) {
            into.gauge(Catalogue.MEM_RSS_BYTES, rss);
        }
        long most = number(limit, text); // v2 writes "max" where there is none, which is no number
        if (most != KernelText.NONE && most < NO_LIMIT) {
            into.gauge(Catalogue.MEM_LIMIT_BYTES, most);
        }
    }

    @Override
    public void close() {
        usage.close();
        stat.close();
        limit.close();
    }

    private static long number(KeptFile file, KernelText text) {
        return file.read(text) && text.nextLine() ? text.number() : KernelText.NONE;
    }
}
