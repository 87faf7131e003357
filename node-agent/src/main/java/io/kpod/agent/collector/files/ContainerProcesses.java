package io.kpod.agent.collector.files;

import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.Target;
import io.kpod.agent.container.CgroupOwner;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A process of each container, for what /proc tells of the namespaces that it is in.
 *
 * <p>{@code cgroup.procs} names a group's processes as the reader's PID namespace numbers them; one that is not in that namespace
 * is 0. So an agent on the host asks it, and an agent in a pod, whose containers' processes are all 0, looks through the host's
 * /proc for a process whose {@code cgroup} file, written relative to the agent's cgroup namespace, has the container's group in
 * its path. The one found is kept while it is in that container: whether its number was given to another process meanwhile does
 * not matter then.
 *
 * <p>A look through /proc is taken only when a container lacks a process, at most once a round, and so that it takes at most a
 * twentieth of the time. Used by one thread.
 */
public final class ContainerProcesses {
    private static final Path OWN_PROC = Path.of("/proc");
    private static final byte[] V2 = KernelText.word("0::");
    private static final Pattern CONTAINER = Pattern.compile(".*[0-9a-f]{64}(\\.scope)?");
    private static final int MOST_NESTED = 64;
    private static final int REST = 20;
    private static final int MISSES_AT_FIRST = 3;
    private static final int MISSES_BETWEEN_LOOKS = 20;

    private final Path procRoot;
    private final Path v2;
    private final KernelText text = new KernelText();
    private final Map<Integer, Path> known = new HashMap<>();
    private final Map<Integer, Integer> misses = new HashMap<>();

    /** What was found this round. */
    private final Map<Integer, Path> settled = new HashMap<>();

    /** Containers by the last part of their group's path. */
    private final Map<String, Integer> refsByLeaf = new HashMap<>();

    private boolean lookedThrough;
    private long nextLookNanos = System.nanoTime();
    private Round round = new Round(List.of());

    /**
     * For containers below the v2 hierarchy {@code v2}.
     *
     * @param procRoot where the host's /proc is mounted
     */
    public ContainerProcesses(Path procRoot, Path v2) {
        this.procRoot = procRoot;
        this.v2 = v2;
    }

    /** Why the file of a process of the host can't be read, and the way out; empty: it can. */
    public static String refusal(Path file) {
        return Files.isReadable(file)
                ? ""
                : "can't read " + file + ": mount the host's /proc there, or set kpod.cgroup.proc-root to where it is";
    }

    /** The directory of the machine's first process, whose namespaces are the machine's own. */
    public Path host() {
        return procRoot.resolve("1");
    }

    /** A round begins with these targets; several collectors may say so of the same round. */
    public void begin(Round begun) {
        if (round == begun) {
            return;
        }
        round = begun;
        settled.clear();
        lookedThrough = false;
        known.keySet().retainAll(begun.refs());
        misses.keySet().retainAll(begun.refs());
    }

    /** The /proc directory of a process that is in the container; null: there is none, or it is not found. */
    public @Nullable Path find(Target.OfContainer container) {
        if (container.owner() instanceof CgroupOwner.Host) {
            return host();
        }
        Path found = settled.get(container.ref());
        if (found == null) {
            found = look(container);
            if (found != null) {
                settled.put(container.ref(), found);
            }
        }
        return found;
    }

    private @Nullable Path look(Target.OfContainer container) {
        Path before = known.get(container.ref());
        if (before != null) {
            String path = groupOf(before);
            if (path != null && hasPart(path, leaf(container.cgroup()))) {
                return before;
            }
            known.remove(container.ref());
        }
        long pid = firstProcess(Path.of(v2 + container.cgroup()));
        if (pid > 0) {
            return OWN_PROC.resolve(Long.toString(pid));
        }
        return pid == 0 && isContainer(container.owner()) ? found(container.ref()) : null;
    }

    /** The process that a look through /proc has found; it is taken now if that is due and may be of use. */
    private @Nullable Path found(int ref) {
        int missed = misses.getOrDefault(ref, 0);
        boolean promising = missed < MISSES_AT_FIRST || missed % MISSES_BETWEEN_LOOKS == 0;
        if (promising && !lookedThrough && System.nanoTime() - nextLookNanos >= 0) {
            lookThrough();
        }
        Path process = known.get(ref);
        if (process == null && (lookedThrough || !promising)) {
            misses.put(ref, missed + 1);
        }
        return process;
    }

    /** A process of the group or of those below it; 0: it has only such as are in no PID namespace of ours; -1: none. */
    private long firstProcess(Path group) {
        Deque<Path> groups = new ArrayDeque<>(List.of(group));
        long found = KernelText.NONE;
        for (int looked = 0; looked < MOST_NESTED && !groups.isEmpty(); looked++) {
            Path next = groups.remove();
            try (FileChannel processes = FileChannel.open(next.resolve("cgroup.procs"))) {
                text.read(processes);
                while (text.nextLine()) {
                    long pid = text.number();
                    if (pid > 0) {
                        return pid;
                    }
                    found = Math.max(found, pid);
                }
            } catch (IOException e) {
                // it is gone; or it is threaded, and the group above lists its processes
            }
            if (found == 0) {
                return 0;
            }
            try (DirectoryStream<Path> below =
                    Files.newDirectoryStream(next, entry -> Files.isDirectory(entry) && !isContainer(entry))) {
                below.forEach(groups::add);
            } catch (IOException | DirectoryIteratorException e) {
                // it is gone
            }
        }
        return found;
    }

    private void lookThrough() {
        lookedThrough = true;
        long begin = System.nanoTime();
        refsByLeaf.clear();
        for (Target target : round.targets()) {
            if (target instanceof Target.OfContainer container && isContainer(container.owner())) {
                refsByLeaf.put(leaf(container.cgroup()), container.ref());
            }
        }
        Set<Integer> wanted = new HashSet<>(refsByLeaf.values());
        wanted.removeAll(known.keySet());
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(procRoot, entry -> isNumber(String.valueOf(entry.getFileName())))) {
            for (Path process : processes) {
                String path = groupOf(process);
                Integer ref = path == null ? null : refOf(path);
                if (ref != null && wanted.remove(ref)) {
                    known.put(ref, process);
                    misses.remove(ref);
                    if (wanted.isEmpty()) {
                        break;
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // what was found so far is right; the rest is looked for again
        }
        long end = System.nanoTime();
        nextLookNanos = end + REST * (end - begin);
    }

    /** The path of the process's v2 group, relative to our cgroup namespace; null: the process is gone. */
    private @Nullable String groupOf(Path process) {
        try (FileChannel file = FileChannel.open(process.resolve("cgroup"))) {
            text.readRecords(file);
        } catch (IOException e) {
            return null;
        }
        while (text.nextLine()) {
            if (text.skip(V2)) {
                return text.rest();
            }
        }
        return null;
    }

    /** The outermost container of the path. */
    private @Nullable Integer refOf(String path) {
        int begin = 0;
        while (begin < path.length()) {
            int slash = path.indexOf('/', begin);
            int end = slash < 0 ? path.length() : slash;
            Integer ref = refsByLeaf.get(path.substring(begin, end));
            if (ref != null) {
                return ref;
            }
            begin = end + 1;
        }
        return null;
    }

    private static boolean hasPart(String path, String part) {
        return (path + "/").contains("/" + part + "/");
    }

    private static boolean isContainer(CgroupOwner owner) {
        return owner instanceof CgroupOwner.PodContainer || owner instanceof CgroupOwner.Container;
    }

    private static boolean isContainer(Path group) {
        return CONTAINER.matcher(String.valueOf(group.getFileName())).matches();
    }

    private static boolean isNumber(String name) {
        return name.charAt(0) >= '1' && name.charAt(0) <= '9';
    }

    private static String leaf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
