import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares the quantiles that a Prometheus computes of its native histograms with those that kpod computes of the same buckets.
 * Exit 1 unless all agree to floating-point accuracy. Arguments: Prometheus' URL, a PromQL expression of one or more histograms,
 * whose merger is compared.
 */
class PrometheusQuantiles {
    private static final double[] QUANTILES = {0, 0.01, 0.1, 0.25, 0.49999, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.99999, 1};

    /** Some roundings of 2^-53 in a logarithm and a power. */
    private static final double TOLERANCE = 1e-12;

    public static void main(String[] arguments) throws Exception {
        String prometheus = arguments[0];
        String expression = arguments[1];
        Histogram merged = new Histogram();
        JsonNode series = query(prometheus, expression);
        for (JsonNode one : series) {
            merged.add(histogram(one.get("histogram").get(1)));
        }
        if (merged.count() == 0) {
            throw new IOException("no observation in " + expression + ": " + series);
        }
        int wrong = 0;
        double worst = 0;
        for (double q : QUANTILES) {
            JsonNode answer = query(prometheus, "histogram_quantile(" + q + ", sum(" + expression + "))");
            double theirs = Double.parseDouble(answer.get(0).get("value").get(1).asString());
            double ours = merged.quantileSeconds(q);
            double difference = Math.abs(theirs - ours) / Math.max(Math.abs(theirs), Double.MIN_NORMAL);
            boolean same = theirs == ours || difference <= TOLERANCE;
            wrong += same ? 0 : 1;
            worst = theirs == ours ? worst : Math.max(worst, difference);
            System.out.printf(Locale.ROOT, "q %-8s Prometheus %-24s kpod %-24s %s%n", q, theirs, ours, same ? "same" : "DIFFERENT");
        }
        System.out.printf(
                Locale.ROOT,
                "%d histograms, %d observations, largest difference %.1e%n",
                series.size(),
                merged.count(),
                worst);
        System.exit(wrong == 0 ? 0 : 1);
    }

    private static JsonNode query(String prometheus, String expression) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create(
                    prometheus + "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
            HttpResponse<String> response =
                    client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            JsonNode answer = new JsonMapper().readTree(response.body());
            if (response.statusCode() != 200 || !answer.get("data").get("resultType").asString().equals("vector")) {
                throw new IOException(expression + ": " + response.body());
            }
            return answer.get("data").get("result");
        }
    }

    /** As Prometheus has it: {@code count}, {@code sum}, {@code buckets} of [how bounds belong, lower, upper, count]. */
    private static Histogram histogram(JsonNode of) throws IOException {
        Histogram histogram = new Histogram();
        histogram.addToSum(Math.round(Double.parseDouble(of.get("sum").asString()) * 1e9));
        for (JsonNode bucket : of.get("buckets")) {
            double upper = Double.parseDouble(bucket.get(2).asString());
            histogram.addToBucket(position(upper), Long.parseLong(bucket.get(3).asString()));
        }
        if (histogram.count() != Long.parseLong(of.get("count").asString())) {
            throw new IOException("buckets do not add up to the count: " + of);
        }
        return histogram;
    }

    private static int position(double upper) throws IOException {
        if (upper == Schema3.ZERO_THRESHOLD_SECONDS) {
            return Schema3.ZERO;
        }
        for (int position = 0; position < Schema3.BUCKETS; position++) {
            if (Math.abs(upper / Schema3.upperBoundSeconds(position) - 1) < TOLERANCE) {
                return position;
            }
        }
        throw new IOException("not a bound of schema 3: " + upper);
    }
}
