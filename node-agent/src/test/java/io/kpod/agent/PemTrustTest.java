package io.kpod.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom an agent believes to be an API server. */
class PemTrustTest {
    private static final String SERVICE = "kpod-api-server.kpod.svc";

    @TempDir
    Path folder;

    @Test
    void aServerThatIsReachedByItsAddressMayProveTheNameOfItsService() throws Exception {
        ServerKey key = ServerKey.of(folder, "dns:" + SERVICE);
        String pem = Files.readString(folder.resolve("server.crt"));
        assertThat(get(key, PemTrust.context(pem, SERVICE))).isEqualTo(204);
        assertThatThrownBy(() -> get(key, PemTrust.context(pem, "kpod-api-server.other.svc")))
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> get(key, PemTrust.context(pem))).isInstanceOf(SSLException.class);
    }

    @Test
    void aServerThatProvesItsAddressNeedsNoName() throws Exception {
        ServerKey key = ServerKey.of(folder, "ip:127.0.0.1");
        assertThat(get(key, PemTrust.context(Files.readString(folder.resolve("server.crt")), SERVICE)))
                .isEqualTo(204);
    }

    @Test
    void theRightNameOfAnotherAuthorityIsNotBelieved() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        ServerKey.of(other, "dns:" + SERVICE);
        ServerKey key = ServerKey.of(folder, "dns:" + SERVICE);
        String pem = Files.readString(other.resolve("server.crt"));
        assertThatThrownBy(() -> get(key, PemTrust.context(pem, SERVICE))).isInstanceOf(SSLException.class);
    }

    private static int get(ServerKey key, SSLContext trust) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(key.context()));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
            URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
            return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
                    .statusCode();
        } finally {
            server.stop(0);
        }
    }
}
