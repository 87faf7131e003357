package io.kpod.agent.collector.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of a container's group that is read at every poll. Its descriptor is kept, as far as {@link Descriptors}
 * allows: opening it costs several times what reading it does. A kept descriptor keeps no group alive; reading one whose group
 * is gone fails with ENODEV.
 *
 * <p>A file that is not there is looked for again only now and then: at first because a runtime makes a container's
 * groups one hierarchy after the other, later because a controller may be enabled for a group that lives.
 */
public final class KeptFile implements AutoCloseable {
    private static final int MISSES_AT_FIRST = 3;
    private static final int MISSES_BETWEEN_LOOKS = 20;

    private final String path;
    private final Descriptors descriptors;
    private @Nullable FileChannel kept;
    private int misses;

    /** The file {@code name} of a group's directory. */
    public KeptFile(Path group, String name, Descriptors descriptors) {
        this.path = group + "/" + name;
        this.descriptors = descriptors;
    }

    /** Reads it; false: it is not there, or not any more. */
    public boolean read(KernelText into) {
        if (misses >= MISSES_AT_FIRST && misses % MISSES_BETWEEN_LOOKS != 0) {
            misses++;
            return false;
        }
        try {
            FileChannel open = kept;
            if (open != null) {
                into.read(open);
            } else if (descriptors.take()) {
                open = openOrGiveBack();
                kept = open;
                into.read(open);
            } else {
                try (FileChannel once = FileChannel.open(Path.of(path))) {
                    into.read(once);
                }
            }
            misses = 0;
            return true;
        } catch (IOException e) {
            misses++;
            close();
            return false;
        }
    }

    @Override
    public void close() {
        FileChannel open = kept;
        if (open != null) {
            kept = null;
            descriptors.giveBack();
            try {
                open.close();
            } catch (IOException e) {
                // the kernel has let go of a descriptor that close(2) fails for
            }
        }
    }

    private FileChannel openOrGiveBack() throws IOException {
        try {
            return FileChannel.open(Path.of(path));
        } catch (IOException e) {
            descriptors.giveBack();
            throw e;
        }
    }
}
