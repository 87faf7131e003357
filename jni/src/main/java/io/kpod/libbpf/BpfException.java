package io.kpod.libbpf;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The kernel or libbpf refused something. The message is one line: what was tried, the error's name, and the line of
 * libbpf's or the verifier's log that tells most; on EPERM the missing capability.
 */
public final class BpfException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int DETAIL_LIMIT = 300;

    /** What libbpf says when a map was refused to root, and the limit is one. */
    private static final String MEMLOCK_HINT = "ulimit -l";

    private static final String MEMLOCK =
            "before Linux 5.11 maps count towards RLIMIT_MEMLOCK, which is too low: raise it, or add the capability"
                    + " SYS_RESOURCE";

    private static final String VERIFIER_LOG_BEGIN = "-- BEGIN PROG LOAD LOG --";
    private static final String VERIFIER_LOG_END = "-- END PROG LOAD LOG --";

    private final int errno;

    private BpfException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** What the calling thread's last native call failed with; {@code result} is its negative errno. */
    static BpfException of(String attempt, long result) {
        int errno = Math.toIntExact(-result);
        byte[] log = Native.takeLog();
        String said = log == null ? "" : new String(log, StandardCharsets.UTF_8);
        String detail = said.contains(MEMLOCK_HINT) ? MEMLOCK : tellingLine(said);
        StringBuilder message = new StringBuilder(attempt)
                .append(": ")
                .append(Native.errnoName(errno))
                .append(" (")
                .append(Native.errnoText(errno))
                .append(')');
        if (errno == EPERM || errno == EACCES) {
            List<Capability> missing = Capability.missingForTracing();
            if (!missing.isEmpty()) {
                message.append(": missing capability ")
                        .append(missing.stream().map(Enum::name).collect(Collectors.joining(" and ")));
                return new BpfException(message.toString(), errno);
            }
        }
        if (!detail.isEmpty()) {
            message.append(": ").append(detail);
        }
        return new BpfException(message.toString(), errno);
    }

    /** A failure that no errno stands for. */
    static BpfException of(String message) {
        return new BpfException(message, 0);
    }

    /** The errno as a positive number; 0: none. */
    public int errno() {
        return errno;
    }

    /** The verifier's last word where there is a verifier's log, else the first thing that libbpf complained of. */
    static String tellingLine(String log) {
        List<String> lines =
                log.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
        String telling = "";
        boolean verifier = false;
        for (String line : lines) {
            if (line.contains(VERIFIER_LOG_BEGIN)) {
                verifier = true;
                telling = "";
            } else if (line.contains(VERIFIER_LOG_END)) {
                break;
            } else if (verifier && !line.startsWith("processed ")) {
                telling = line;
            } else if (!verifier && telling.isEmpty()) {
                telling = line.startsWith("libbpf: ") ? line.substring("libbpf: ".length()) : line;
            }
        }
        return telling.length() > DETAIL_LIMIT ? telling.substring(0, DETAIL_LIMIT) + "…" : telling;
    }
}
