package io.kpod.apiserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Another adapter of external.metrics.k8s.io, as a program of its own: believes headers of whoever shows a certificate of
 * the authorities it was given, has one metric, and writes down who asked for what.
 */
final class ForeignAdapter {
    private static final char[] PASSWORD = "test".toCharArray();

    private ForeignAdapter() {}

    /** Arguments: the port, PEM of its certificate and key, PEM of the front proxy's authorities, a file for what it saw. */
    public static void main(String[] arguments) throws Exception {
        String own = Files.readString(Path.of(arguments[1]));
        Path seen = Path.of(arguments[3]);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, PASSWORD);
        keys.setKeyEntry(
                "own", Pem.readKey(own), PASSWORD, Pem.readCertificates(own).toArray(X509Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                managers.getKeyManagers(),
                RunningServer.trusting(Pem.readCertificates(Files.readString(Path.of(arguments[2]))))
                        .getTrustManagers(),
                null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(Integer.parseInt(arguments[0])), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, seen));
        server.start();
    }

    private static void answer(HttpExchange exchange, Path seen) throws IOException {
        X509Certificate proxy =
                (X509Certificate) ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0];
        Files.writeString(
                seen,
                proxy.getSubjectX500Principal().getName() + " "
                        + exchange.getRequestHeaders().get("X-remote-user") + " "
                        + exchange.getRequestHeaders().get("X-remote-group") + " " + exchange.getRequestURI() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        boolean known = exchange.getRequestURI().getPath().endsWith("/queue_length");
        byte[] body = (known
                        ? "{\"kind\":\"ExternalMetricValueList\",\"apiVersion\":\"external.metrics.k8s.io/v1beta1\",\"metadata\":{},"
                                + "\"items\":[{\"metricName\":\"queue_length\",\"metricLabels\":{},\"timestamp\":\""
                                + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\",\"value\":\"28\"}]}"
                        : "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":"
                                + "\"the adapter does not have it either\",\"reason\":\"NotFound\",\"code\":404}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(known ? 200 : 404, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
