package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup hierarchy as the file system shows it. Groups come and go while one looks.
 *
 * @param hierarchy its number; 0 is v2
 */
public record CgroupTree(Path root, int hierarchy) {
    private static final int LINKS_OF_LEAF = 2;

    /** Ids are counted by each hierarchy; the number of v1's stands in the highest byte, as in slot.h. */
    private static final int HIERARCHY_SHIFT = 56;

    /** The v2 hierarchy. */
    CgroupTree(Path root) {
        this(root, 0);
    }

    /**
     * A group.
     *
     * @param path its directory
     * @param inHierarchy its path from the hierarchy's root, as the kernel's events give it
     * @param id its cgroup id, which is the directory's inode number, and the hierarchy's number
     * @param leaf whether it has no groups below it
     */
    record Directory(Path path, String inHierarchy, long id, boolean leaf) {
        /** The last part of its path. */
        String name() {
            return inHierarchy.substring(inHierarchy.lastIndexOf('/') + 1);
        }
    }

    /**
     * Finds the hierarchy below {@code mount}: that itself, or its folder {@code unified} on machines that have v1 too.
     *
     * @throws NoCgroupV2Exception when neither is one
     */
    public static CgroupTree find(Path mount) throws NoCgroupV2Exception {
        for (Path candidate : List.of(mount, mount.resolve("unified"))) {
            if (Files.exists(candidate.resolve("cgroup.controllers"))) {
                return new CgroupTree(candidate);
            }
        }
        throw new NoCgroupV2Exception(mount);
    }

    /** Whether a group's id is one of v2. */
    static boolean isV2(long id) {
        return id >>> HIERARCHY_SHIFT == 0;
    }

    /** Whether there is a group of that path in the hierarchy. */
    boolean has(String inHierarchy) {
        return Files.exists(Path.of(root + inHierarchy));
    }

    /** The root group. */
    Directory top() throws IOException {
        Directory top = directory(root, "/");
        if (top == null) {
            throw new NoSuchFileException(root.toString());
        }
        return top;
    }

    /** The groups right below; none when the group is gone. */
    List<Directory> below(Directory group) throws IOException {
        if (group.leaf()) {
            return List.of();
        }
        List<Directory> found = new ArrayList<>();
        String prefix = group.inHierarchy().equals("/") ? "/" : group.inHierarchy() + "/";
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(group.path())) {
            for (Path entry : entries) {
                Directory directory = directory(entry, prefix + entry.getFileName());
                if (directory != null) {
                    found.add(directory);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            if (Files.exists(group.path())) {
                throw new IOException("can't read cgroup " + group.path() + ": " + e.getMessage(), e);
            }
        }
        return found;
    }

    private @Nullable Directory directory(Path path, String inHierarchy) throws IOException {
        try {
            Map<String, Object> attributes =
                    Files.readAttributes(path, "unix:ino,nlink,isDirectory", LinkOption.NOFOLLOW_LINKS);
            if (!(attributes.get("isDirectory") instanceof Boolean directory
                    && directory
                    && attributes.get("ino") instanceof Long id
                    && attributes.get("nlink") instanceof Integer links)) {
                return null;
            }
            return new Directory(path, inHierarchy, id | (long) hierarchy << HIERARCHY_SHIFT, links <= LINKS_OF_LEAF);
        } catch (NoSuchFileException e) {
            return null; // removed meanwhile
        }
    }
}
