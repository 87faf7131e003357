package io.kpod.agent.collector.iface;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code ip -s -j link} says of the interfaces of a process's network namespace, loopback left out. */
record Links(Map<String, Map<Metric, Double>> byInterface) {
    private static final Pattern LINK = Pattern.compile("\"ifname\":\"([^\"]+)\".*?\"stats64\":\\{\"rx\":\\{"
            + "\"bytes\":(\\d+),\"packets\":(\\d+),\"errors\":(\\d+),\"dropped\":(\\d+).*?\\},\"tx\":\\{"
            + "\"bytes\":(\\d+),\"packets\":(\\d+),\"errors\":(\\d+),\"dropped\":(\\d+)");

    private static final List<Metric> METRICS = List.of(
            Catalogue.NET_IFACE_RX_BYTES,
            Catalogue.NET_IFACE_RX_PACKETS,
            Catalogue.NET_IFACE_RX_ERRORS,
            Catalogue.NET_IFACE_RX_DROPS,
            Catalogue.NET_IFACE_TX_BYTES,
            Catalogue.NET_IFACE_TX_PACKETS,
            Catalogue.NET_IFACE_TX_ERRORS,
            Catalogue.NET_IFACE_TX_DROPS);

    static Links of(long pid) throws IOException {
        Map<String, Map<Metric, Double>> links = new LinkedHashMap<>();
        Matcher link = LINK.matcher(run(pid, "ip", "-s", "-j", "link"));
        while (link.find()) {
            Map<Metric, Double> values = new LinkedHashMap<>();
            for (int i = 0; i < METRICS.size(); i++) {
                values.put(METRICS.get(i), Double.valueOf(link.group(2 + i)));
            }
            if (!link.group(1).equals("lo")) {
                links.put(link.group(1), values);
            }
        }
        return new Links(links);
    }

    /** Runs a command in the process's network namespace. */
    static String run(long pid, String... command) throws IOException {
        List<String> entering = new ArrayList<>(List.of("nsenter", "--net=/proc/" + pid + "/ns/net"));
        entering.addAll(List.of(command));
        Process process = new ProcessBuilder(entering)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", entering) + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return output;
    }
}
