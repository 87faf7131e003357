package io.kpod.agent.collector.filesystem;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.files.KernelText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code mountinfo}: {@code 36 35 98:0 /root /mount/point rw,noatime master:1 - ext4 /dev/root rw}. Filesystems that
 * hold no data of their own, or that are a container's root, are left out, and so is what lies below /dev, /proc and /sys. Such
 * lines make no object.
 */
final class MountTable {
    /** They are the kernel's own; overlay is a container's root. */
    private static final byte[][] WITHOUT_DATA = {
        word("overlay"),
        word("proc"),
        word("sysfs"),
        word("cgroup"),
        word("cgroup2"),
        word("devpts"),
        word("mqueue"),
        word("devtmpfs"),
        word("nsfs"),
        word("autofs"),
        word("bpf"),
        word("tracefs"),
        word("debugfs"),
        word("securityfs"),
        word("configfs"),
        word("fusectl"),
        word("hugetlbfs"),
        word("pstore"),
        word("binfmt_misc"),
        word("efivarfs"),
        word("rpc_pipefs"),
        word("selinuxfs"),
        word("ramfs"),
        word("rootfs"),
        word("fuse.lxcfs")
    };

    private static final byte[][] WITHOUT_DATA_BELOW = {
        word("/dev"), word("/proc"), word("/sys"), word("/run/secrets"), word("/run/credentials")
    };

    private static final byte[] ROOT = word("/");
    private static final byte[] SHARED_MEMORY = word("shm");
    private static final byte[] SEPARATOR = word("- ");
    private static final int OCTAL_DIGITS = 3;

    private MountTable() {}

    /** All mounts that may hold data, in the order of the file; the last one of a mount point is the one that is seen. */
    static List<Mount> read(KernelText text) {
        List<Mount> mounts = new ArrayList<>();
        while (text.nextLine()) {
            if (text.number() == KernelText.NONE || text.number() == KernelText.NONE) {
                continue;
            }
            long major = text.number();
            if (major < 0 || major > Integer.MAX_VALUE || !text.skip(':')) {
                continue;
            }
            long minor = text.number();
            if (minor < 0 || minor > Integer.MAX_VALUE || !text.nextWord()) {
                continue;
            }
            boolean whole = text.is(ROOT, text.wordEnd());
            if (!text.nextWord()) {
                continue;
            }
            int mountPoint = text.position();
            int mountPointEnd = text.wordEnd();
            if (!isWithoutDataBelow(text, mountPointEnd) && findType(text) && !isWithoutData(text)) {
                text.go(mountPoint);
                mounts.add(new Mount(device(major, minor), whole, unescaped(text.string(mountPointEnd))));
            }
        }
        return mounts;
    }

    /** Both numbers in one. */
    static long device(long major, long minor) {
        return major << Integer.SIZE | minor;
    }

    private static boolean isWithoutDataBelow(KernelText text, int end) {
        int begin = text.position();
        for (byte[] directory : WITHOUT_DATA_BELOW) {
            if (text.skip(directory)) {
                boolean below = text.position() == end || text.skip('/');
                text.go(begin);
                if (below) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Goes to the filesystem's type, which follows a hyphen: there may be any number of words before. */
    private static boolean findType(KernelText text) {
        while (text.nextWord()) {
            if (text.skip(SEPARATOR)) {
                return text.skipBlanks();
            }
        }
        return false;
    }

    private static boolean isWithoutData(KernelText text) {
        int end = text.wordEnd();
        for (byte[] type : WITHOUT_DATA) {
            if (text.is(type, end)) {
                return true;
            }
        }
        // what a runtime makes to be a pod's /dev/shm is called so by all of them
        return text.nextWord() && text.is(SHARED_MEMORY, text.wordEnd());
    }

    /** Blank, tab, newline and backslash of a path are written as a backslash and three octal digits. */
    private static String unescaped(String path) {
        if (path.indexOf('\\') < 0) {
            return path;
        }
        byte[] escaped = path.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream plain = new ByteArrayOutputStream(escaped.length);
        for (int i = 0; i < escaped.length; i++) {
            int code = escaped[i] == '\\' ? octal(escaped, i + 1) : -1;
            plain.write(code < 0 ? escaped[i] : code);
            i += code < 0 ? 0 : OCTAL_DIGITS;
        }
        return plain.toString(StandardCharsets.UTF_8);
    }

    private static int octal(byte[] text, int at) {
        if (at + OCTAL_DIGITS > text.length) {
            return -1;
        }
        int value = 0;
        for (int i = at; i < at + OCTAL_DIGITS; i++) {
            if (text[i] < '0' || text[i] > '7') {
                return -1;
            }
            value = 8 * value + text[i] - '0';
        }
        return value <= 0xff ? value : -1;
    }
}
