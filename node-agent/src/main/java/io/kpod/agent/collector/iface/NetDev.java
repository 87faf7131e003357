package io.kpod.agent.collector.iface;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines of {@code net/dev}: a name, a colon, eight numbers of what was received and eight of what was sent. Loopback
 * is left out, and so are the tunnels that the kernel puts into every network namespace ({@code
 * net.core.fb_tunnels_only_for_init_net}), as long as nothing has gone through them.
 */
final class NetDev {
    private static final int COLUMNS = 16;

    private static final byte[] LOOPBACK = word("lo");

    private static final byte[][] FALLBACK_TUNNELS = {
        word("tunl0"),
        word("gre0"),
        word("gretap0"),
        word("erspan0"),
        word("ip_vti0"),
        word("sit0"),
        word("ip6tnl0"),
        word("ip6gre0"),
        word("ip6_vti0")
    };

    /** By column; null: no metric. */
    private static final @Nullable Metric[] METRICS = {
        Catalogue.NET_IFACE_RX_BYTES,
        Catalogue.NET_IFACE_RX_PACKETS,
        Catalogue.NET_IFACE_RX_ERRORS,
        Catalogue.NET_IFACE_RX_DROPS,
        null,
        null,
        null,
        null,
        Catalogue.NET_IFACE_TX_BYTES,
        Catalogue.NET_IFACE_TX_PACKETS,
        Catalogue.NET_IFACE_TX_ERRORS,
        Catalogue.NET_IFACE_TX_DROPS,
        null,
        null,
        null,
        null
    };

    private static final int MOST_NAMES = 1_024;

    private final long[] values = new long[COLUMNS];

    /** Names seen so far, so that a name is one object however often it is read. */
    private final List<Name> names = new ArrayList<>();

    private record Name(byte[] word, String name) {}

    /** Adds the counters of every interface. */
    void read(KernelText text, Sample into) {
        while (text.nextLine()) {
            text.skipBlanks();
            int colon = text.find(':');
            if (colon < 0 || text.is(LOOPBACK, colon)) {
                continue; // the first two lines are headings
            }
            boolean tunnel = isFallbackTunnel(text, colon);
            int nameAt = text.position();
            if (values(text, colon) && !(tunnel && idle())) {
                text.go(nameAt);
                String name = name(text, colon);
                for (int column = 0; column < COLUMNS; column++) {
                    Metric metric = METRICS[column];
                    if (metric != null) {
                        into.counter(metric, name, values[column]);
                    }
                }
            }
        }
    }

    private boolean values(KernelText text, int colon) {
        text.go(colon + 1);
        for (int column = 0; column < COLUMNS; column++) {
            values[column] = text.number();
            if (values[column] == KernelText.NONE) {
                return false;
            }
        }
        return true;
    }

    private boolean idle() {
        for (long value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    private String name(KernelText text, int end) {
        for (Name name : names) {
            if (text.is(name.word(), end)) {
                return name.name();
            }
        }
        String name = text.string(end);
        if (names.size() < MOST_NAMES) {
            names.add(new Name(name.getBytes(StandardCharsets.UTF_8), name));
        }
        return name;
    }

    private static boolean isFallbackTunnel(KernelText text, int end) {
        for (byte[] tunnel : FALLBACK_TUNNELS) {
            if (text.is(tunnel, end)) {
                return true;
            }
        }
        return false;
    }
}
