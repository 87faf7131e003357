package io.kpod.agent.discovery;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.ServerKey;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner.PodContainer;
import io.kpod.agent.container.ContainerName;
import io.kpod.selector.LabelSelector;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what a real kubelet (v1.37) answered: kubelet-pods.json. */
class KubeletDirectoryTest {
    private static final String NODE = "kpod-node";
    private static final Duration NEVER_AGAIN = Duration.ofHours(1);
    private static final String NO_PODS = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":null}";

    private static final PodContainer CLIENT = container("ba440ba0-9691-4750-a6be-19aad36ccfa4", "33a26f0994e6");
    private static final PodContainer AGENT = container("b1ff3ed3-d983-4fa2-9d95-d528f85395a4", "ab0939b0af8d");
    private static final PodContainer EPHEMERAL = container("96dee84e-dd81-4eec-984e-19cdc8ab0c81", "fd7ba92fd951");
    private static final PodContainer INIT = container("e9ba1818-a892-40c5-8d94-c0c37695cb79", "e1425de77f16");
    private static final PodContainer STATIC = container("3a282c4c87bfb77cef80497296ba44cd", "4e4b775ab3d8");
    private static final PodContainer SANDBOX =
            new PodContainer("ba440ba0-9691-4750-a6be-19aad36ccfa4", "0".repeat(64));

    @TempDir
    Path folder;

    private Path token;

    @BeforeEach
    void token() throws IOException {
        token = Files.writeString(folder.resolve("token"), KubeletServer.TOKEN + "\n");
    }

    private static String recorded() {
        try (InputStream file =
                Objects.requireNonNull(KubeletDirectoryTest.class.getResourceAsStream("kubelet-pods.json"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The container of the recorded pod whose id begins so. */
    private static PodContainer container(String podUid, String begin) {
        int at = recorded().indexOf("containerd://" + begin) + "containerd://".length();
        return new PodContainer(podUid, recorded().substring(at, at + 64));
    }

    private ServerKey key(String names) throws Exception {
        return ServerKey.of(Files.createTempDirectory(folder, "key"), names);
    }

    private Kubelet kubelet(KubeletServer server, Path authority) {
        return new Kubelet("127.0.0.1", server.port(), NODE, token, authority);
    }

    private KubeletDirectory directory(Kubelet kubelet, List<String> namespaces, List<String> excluded, String selector)
            throws Exception {
        KubeletDirectory directory =
                new KubeletDirectory(kubelet, NEVER_AGAIN, namespaces, excluded, LabelSelector.parse(selector));
        await().atMost(20, SECONDS).until(directory::synced);
        return directory;
    }

    private static String name(Attribution attribution) {
        return attribution instanceof Attribution.Known(ContainerName name)
                ? name.namespace() + "/" + name.pod() + "/" + name.container() + "/" + name.podUid()
                : attribution.getClass().getSimpleName();
    }

    @Test
    void containersOfEveryKindHaveTheirPodsNames() throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, recorded());
                KubeletDirectory directory = directory(kubelet(server, key.certificate()), List.of(), List.of(), "")) {
            assertThat(name(directory.find(CLIENT))).isEqualTo("kpod-tests/client/asks/" + CLIENT.podUid());
            assertThat(name(directory.find(AGENT)))
                    .isEqualTo("kpod/kpod-node-agent-7qlj4/node-agent/" + AGENT.podUid());
            assertThat(name(directory.find(EPHEMERAL))).isEqualTo("kpod-tests/server/looks/" + EPHEMERAL.podUid());
            assertThat(name(directory.find(INIT))).isEqualTo("kpod-tests/filler/prepares/" + INIT.podUid());
            assertThat(directory.find(SANDBOX)).isInstanceOf(Attribution.Unknown.class);
            assertThat(directory.trouble()).isEmpty();
        }
    }

    @Test
    void aStaticPodHasNoUidForTheApiKnowsItByAnother() throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, recorded());
                KubeletDirectory directory = directory(kubelet(server, key.certificate()), List.of(), List.of(), "")) {
            assertThat(name(directory.find(STATIC))).isEqualTo("kpod-tests/static-kpod-node/rests/");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // namespaces | excluded   | selector               | client   | static   | agent
                "''           | ''         | ''                     | Known    | Known    | Known",
                "kpod         | ''         | ''                     | Excluded | Excluded | Known",
                "''           | kpod       | ''                     | Known    | Known    | Excluded",
                "''           | ''         | work=network           | Known    | Excluded | Excluded",
                "kpod-tests   | ''         | 'work in (none,other)' | Excluded | Known    | Excluded",
                "''           | kpod-tests | '!work'                | Excluded | Excluded | Known",
            })
    void namespacesAndLabelsFilterAsTheyDoForTheInformer(
            String namespace, String excluded, String selector, String client, String ofStatic, String agent)
            throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, recorded());
                KubeletDirectory directory = directory(
                        kubelet(server, key.certificate()),
                        namespace.isEmpty() ? List.of() : List.of(namespace),
                        excluded.isEmpty() ? List.of() : List.of(excluded),
                        selector)) {
            assertThat(directory.find(CLIENT).getClass().getSimpleName()).isEqualTo(client);
            assertThat(directory.find(STATIC).getClass().getSimpleName()).isEqualTo(ofStatic);
            assertThat(directory.find(AGENT).getClass().getSimpleName()).isEqualTo(agent);
        }
    }

    @Test
    void aContainerThatNoPodHasNamedIsAskedForAtOnceAndOneForEverUnknownNotForEver() throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, NO_PODS);
                KubeletDirectory directory = directory(kubelet(server, key.certificate()), List.of(), List.of(), "")) {
            assertThat(server.asked()).isEqualTo(1);
            assertThat(directory.find(CLIENT)).isInstanceOf(Attribution.Unknown.class);
            server.says(200, recorded());
            await().atMost(4, SECONDS).until(() -> directory.find(CLIENT) instanceof Attribution.Known);
            await().pollDelay(7, SECONDS).atMost(8, SECONDS).until(() -> true);
            int asked = server.asked();
            await().pollDelay(3, SECONDS).atMost(4, SECONDS).until(() -> true);
            assertThat(server.asked()).isEqualTo(asked).isLessThan(10);
        }
    }

    @Test
    void whileTheKubeletFailsTheKnownPodsGoOnAndTheReasonIsToldUntilItWorksAgain() throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, recorded());
                KubeletDirectory directory = new KubeletDirectory(
                        kubelet(server, key.certificate()),
                        Duration.ofSeconds(1),
                        List.of(),
                        List.of(),
                        LabelSelector.EVERYTHING)) {
            await().atMost(20, SECONDS).until(directory::synced);
            server.says(500, "no\nluck");
            await().atMost(10, SECONDS).until(() -> directory.trouble().contains("HTTP 500: no luck"));
            assertThat(directory.trouble()).startsWith("asking the kubelet at https://127.0.0.1:" + server.port());
            assertThat(directory.find(CLIENT)).isInstanceOf(Attribution.Known.class);
            server.says(200, "{\"items\":[{}, 7]}");
            await().atMost(10, SECONDS).until(() -> directory.trouble().contains("no list of pods"));
            server.says(200, NO_PODS);
            await().atMost(10, SECONDS).until(() -> directory.trouble().isEmpty());
            assertThat(directory.find(CLIENT))
                    .as("its last counts may be on their way")
                    .isInstanceOf(Attribution.Known.class);
        }
    }

    @Test
    void aCertificateForTheNodesNameIsTakenThoughTheKubeletIsAskedByAddress() throws Exception {
        ServerKey key = key("dns:" + NODE);
        try (KubeletServer server = new KubeletServer(key, recorded())) {
            assertThat(kubelet(server, key.certificate()).pods()).hasSize(11);
        }
    }

    @Test
    void aCertificateForAnotherNodeIsNot() throws Exception {
        ServerKey key = key("dns:other-node,ip:192.0.2.1");
        try (KubeletServer server = new KubeletServer(key, recorded())) {
            assertThatThrownBy(() -> kubelet(server, key.certificate()).pods())
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(
                            "[other-node, 192.0.2.1]", "127.0.0.1", NODE, "kpod.discovery.kubelet-address")
                    .message()
                    .doesNotContain("\n");
            assertThat(server.asked()).as("nobody else gets the token").isZero();
        }
    }

    @Test
    void aCertificateFromAnotherAuthorityIsRefusedAndTheWayOutIsTold() throws Exception {
        try (KubeletServer server = new KubeletServer(key("ip:127.0.0.1"), recorded())) {
            Path other = key("ip:127.0.0.1").certificate();
            assertThatThrownBy(() -> kubelet(server, other).pods())
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("not trusted", "kpod.discovery.kubelet-ca-file", other.toString())
                    .message()
                    .doesNotContain("\n");
            assertThat(server.asked()).isZero();
        }
    }

    @Test
    void whoMayNotAskIsToldWhatToGrant() throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, recorded())) {
            server.says(403, "Forbidden (user=x, verb=get, resource=nodes, subresource(s)=[pods proxy])");
            assertThatThrownBy(() -> kubelet(server, key.certificate()).pods())
                    .hasMessageContainingAll("403", "nodes/pods");
            Files.writeString(token, "another");
            assertThatThrownBy(() -> kubelet(server, key.certificate()).pods())
                    .hasMessageContainingAll("401", token.toString());
        }
    }

    @Test
    void whatIsMissingIsNamedWithItsKey() throws Exception {
        ServerKey key = key("ip:127.0.0.1");
        try (KubeletServer server = new KubeletServer(key, recorded())) {
            assertThatThrownBy(() -> kubelet(server, folder.resolve("none")).pods())
                    .hasMessageContainingAll("kpod.discovery.kubelet-ca-file", "none");
            assertThatThrownBy(() -> kubelet(server, token).pods())
                    .hasMessageContainingAll("kpod.discovery.kubelet-ca-file", token.toString());
            Files.delete(token);
            assertThatThrownBy(() -> kubelet(server, key.certificate()).pods())
                    .hasMessageContainingAll("kpod.discovery.kubelet-token-file", token.toString());
        }
    }

    @Test
    void aKubeletThatIsNotThereIsSaidToBeNotThere() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        Kubelet kubelet =
                new Kubelet("127.0.0.1", free, NODE, token, key("ip:127.0.0.1").certificate());
        try (KubeletDirectory directory =
                new KubeletDirectory(kubelet, NEVER_AGAIN, List.of(), List.of(), LabelSelector.EVERYTHING)) {
            await().atMost(10, SECONDS).until(() -> directory.trouble().contains("Connection refused"));
            assertThat(directory.trouble()).contains("not listed yet", ":" + free + "/pods");
            assertThat(directory.synced()).isFalse();
        }
    }
}
