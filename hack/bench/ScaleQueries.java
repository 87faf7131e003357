import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.HdrHistogram.Histogram;

/**
 * Asks as the kube-apiserver does (its certificate, over one HTTP/2 connection) what the HPA, kubectl and a person ask,
 * one request at a time; a program of its own, so that nothing but the server's work is in its times. Prints one line
 * of JSON. Arguments: PORT FOLDER NAMESPACES SECONDS PAGES; PAGES 0: lists all.
 */
class ScaleQueries {
    private static final String CUSTOM = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/";
    private static final String PODS = "/apis/kernelmetrics.kpod.io/v1beta1/";
    private static final String P99 = "/kpod_cpu_runqueue_latency_p99_seconds";
    private static final Pattern CONTINUE = Pattern.compile("\"continue\":\"([^\"]+)\"");
    private static final Pattern VALUE = Pattern.compile("\"value\":\"(\\d+)([kMG]?)\"");
    private static final int HPA_QUERIES_A_SECOND = 20;
    private static final String JSON = "application/json";
    /** As kubectl asks. */
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private static HttpClient client;
    private static String base;

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        Path folder = Path.of(arguments[1]);
        int namespaces = Integer.parseInt(arguments[2]);
        int seconds = Integer.parseInt(arguments[3]);
        int pages = Integer.parseInt(arguments[4]);
        SSLContext tls = SimulatedTls.context(Files.readString(folder.resolve("ca.crt")), Files.readString(folder.resolve("front-proxy.pem")));
        client = HttpClient.newBuilder().sslContext(tls).build();
        base = "https://127.0.0.1:" + port;
        Random random = new Random(1);
        Histogram merged = new Histogram(3);
        Histogram each = new Histogram(3);
        Histogram lists = new Histogram(3);
        Histogram tables = new Histogram(3);
        List<Long> ages = new ArrayList<>();
        long listBytes = 0;
        long begin = System.nanoTime();
        for (int tick = 0; tick < seconds * HPA_QUERIES_A_SECOND; tick++) {
            // what has just been loaded and compiled is not what is measured
            boolean counts = tick > Math.min(200, seconds * HPA_QUERIES_A_SECOND / 3);
            String namespace = "team-" + random.nextInt(namespaces);
            String deployment = "storefront-" + random.nextInt(SimulatedPod.LARGE_ONES);
            if (tick % 2 == 0) {
                time(counts ? merged : null, CUSTOM + namespace + "/deployments.apps/" + deployment + P99, JSON);
            } else {
                time(counts ? each : null, CUSTOM + namespace + "/pods/*" + P99 + "?labelSelector=app%3D" + deployment, JSON);
            }
            if (tick % HPA_QUERIES_A_SECOND == 5) {
                listBytes = time(counts ? lists : null, PODS + "namespaces/" + namespace + "/pods?limit=500", JSON).length();
            }
            if (tick % HPA_QUERIES_A_SECOND == 10) {
                time(counts ? tables : null, PODS + "namespaces/" + namespace + "/pods?limit=500", TABLE);
            }
            if (tick % HPA_QUERIES_A_SECOND == 15) {
                ages.add(age(namespaces));
            }
            long due = begin + (tick + 1) * 1_000_000_000L / HPA_QUERIES_A_SECOND;
            Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
        }
        long[] all = pages < 0 ? new long[3] : listAll(pages == 0 ? Integer.MAX_VALUE : pages, JSON, "\"nodeName\"");
        long[] table = pages < 0 ? new long[3] : listAll(pages == 0 ? Integer.MAX_VALUE : pages, TABLE, "\"cells\"");
        ages.sort(null);
        System.out.printf(
                Locale.ROOT,
                "{\"deployment_p50_ms\": %.2f, \"deployment_p99_ms\": %.2f, \"pods_p50_ms\": %.2f, \"pods_p99_ms\": %.2f, \"list_p50_ms\": %.1f, \"list_p99_ms\": %.1f,"
                        + " \"table_p50_ms\": %.1f, \"table_p99_ms\": %.1f, \"table_all_s\": %.2f, \"table_all_pods\": %d,"
                        + " \"list_bytes\": %d, \"age_p50_ms\": %d, \"age_p99_ms\": %d, \"all_s\": %.2f, \"all_pods\": %d, \"all_bytes\": %d}%n",
                merged.getValueAtPercentile(50) / 1e3, merged.getValueAtPercentile(99) / 1e3, each.getValueAtPercentile(50) / 1e3,
                each.getValueAtPercentile(99) / 1e3, lists.getValueAtPercentile(50) / 1e3, lists.getValueAtPercentile(99) / 1e3,
                tables.getValueAtPercentile(50) / 1e3, tables.getValueAtPercentile(99) / 1e3, table[0] / 1e9, table[1], listBytes,
                ages.get(ages.size() / 2), ages.get(ages.size() * 99 / 100), all[0] / 1e9, all[1], all[2]);
    }

    /** How old what is told of the first node is: its agent writes its clock into a gauge. */
    private static long age(int namespaces) throws Exception {
        SimulatedPod probe = new SimulatedPod(0, namespaces);
        Matcher value = VALUE.matcher(get(CUSTOM + probe.namespace() + "/pods/" + probe.name().name() + "/kpod_mem_working_set_bytes", JSON));
        if (!value.find()) {
            throw new IllegalStateException("no value of the probe");
        }
        long scale = switch (value.group(2)) {
            case "k" -> 1000;
            case "M" -> 1_000_000;
            case "G" -> 1_000_000_000;
            default -> 1;
        };
        return System.currentTimeMillis() - Long.parseLong(value.group(1)) * scale;
    }

    /** Nanoseconds, pods and bytes of all pages. */
    private static long[] listAll(int pages, String accept, String mark) throws Exception {
        long begin = System.nanoTime();
        long pods = 0;
        long bytes = 0;
        String next = "";
        for (int page = 0; page < pages && next != null; page++) {
            String body = get(PODS + "pods?limit=500" + (next.isEmpty() ? "" : "&continue=" + next), accept);
            bytes += body.length();
            for (int at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) {
                pods++;
            }
            Matcher more = CONTINUE.matcher(body);
            next = more.find() ? more.group(1) : null;
        }
        return new long[] {System.nanoTime() - begin, pods, bytes};
    }

    private static String time(Histogram histogram, String path, String accept) throws Exception {
        long begin = System.nanoTime();
        String body = get(path, accept);
        if (histogram != null) {
            histogram.recordValue((System.nanoTime() - begin) / 1000);
        }
        return body;
    }

    private static String get(String path, String accept) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .headers("X-Remote-User", "system:serviceaccount:kube-system:horizontal-pod-autoscaler", "X-Remote-Group", "system:authenticated")
                .headers("Accept", accept)
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }
}
