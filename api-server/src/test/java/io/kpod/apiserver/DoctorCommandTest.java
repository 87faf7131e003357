package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code kpod doctor} where no cluster can be asked: one line that says what is wrong with what, and exit code 2. */
@Timeout(120)
class DoctorCommandTest {
    private static final String CONFIG = """
            apiVersion: v1
            kind: Config
            current-context: one
            clusters: [{name: one, cluster: {server: "https://127.0.0.1:1"}}]
            users: [{name: one, user: {token: none}}]
            contexts: [{name: one, context: {cluster: one, user: one}}, {name: two, context: {cluster: gone, user: one}}]
            """;

    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void forget() {
        System.clearProperty(Config.KUBERNETES_KUBECONFIG_FILE);
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(delimiter = '|', textBlock = """
            current-context: one | current-context: three   | has no current context; its contexts: one, two
            current-context: one |                          | has no current context; its contexts: one, two
            current-context: one | current-context: two     | its context two is of cluster gone, which it does not describe
            kind: Config         | kind: [                     | can't be understood:
            token: none          | client-key: /none        | the client's key can't be read: no file /none
            token: none          | client-key-data: bm9uZQ== | the client's key can't be read: no PRIVATE KEY block
            token: none          | client-key-data: "!"     | the client's key can't be read:
            """)
    void aKubeconfigThatCantBeUsed(String what, String instead, String problem) throws IOException {
        Path file = kubeconfig(CONFIG.replace(what, instead == null ? "" : instead));
        assertSaid("kubeconfig " + file + ": " + problem, "--kubeconfig", file.toString());
    }

    @Test
    void aFileThatIsNone() throws IOException {
        assertSaid("kubeconfig /none: is no file that can be read;", "--kubeconfig", "/none");
        assertSaid("kubeconfig " + folder + ": is no file that can be read;", "--kubeconfig", folder.toString());
        Path empty = kubeconfig("");
        assertSaid(
                "kubeconfig " + empty + ": has no current context; its contexts: none;",
                "--kubeconfig",
                empty.toString());
        Path text = kubeconfig("text");
        assertSaid("kubeconfig " + text + ": can't be understood: ", "--kubeconfig", text.toString());
    }

    @Test
    void aContextThatIsNotThereIsNotTheCurrentOne() throws IOException {
        Path file = kubeconfig(CONFIG);
        assertSaid(
                "kubeconfig " + file + ": has no context three; its contexts: one, two;",
                "--kubeconfig",
                file.toString(),
                "--context=three");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
            https://127.0.0.1:1        | https://127.0.0.1:1/: can't be asked: connection refused;
            https://none.invalid:6443  | https://none.invalid:6443/: can't be asked: unknown host;
            https://a name             | https://a name/: can't be asked: Illegal character
            """)
    void anApiServerThatCantBeReached(String server, String problem) throws IOException {
        Path file = kubeconfig(CONFIG.replace("https://127.0.0.1:1", server));
        assertSaid("kube-apiserver at " + problem, "--kubeconfig", file.toString());
    }

    @Test
    void anApiServerThatDoesNotAnswer() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String url = "https://127.0.0.1:" + silent.getLocalPort();
            Path file = kubeconfig(CONFIG.replace("https://127.0.0.1:1", url));
            assertSaid("kube-apiserver at " + url + "/: can't be asked: ", "--kubeconfig", file.toString());
        }
    }

    @Test
    void anAuthorityThatIsNotThere() throws IOException {
        Path file = kubeconfig(CONFIG.replace("127.0.0.1:1\"", "127.0.0.1:1\", certificate-authority: /none"));
        assertSaid(
                "kube-apiserver at https://127.0.0.1:1/: can't be asked: no file /none;",
                "--kubeconfig",
                file.toString());
    }

    private Path kubeconfig(String content) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), content);
    }

    private static void assertSaid(String begin, String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command =
                Kpod.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] arguments = new String[options.length + 1];
        arguments[0] = "doctor";
        System.arraycopy(options, 0, arguments, 1, options.length);
        int exit = command.execute(arguments);
        assertThat(err.toString())
                .startsWith(begin)
                .endsWith("; way out: --kubeconfig FILE and --context NAME choose another\n")
                .hasLineCount(1);
        assertThat(out.toString()).isEmpty();
        assertThat(exit).isEqualTo(2);
    }
}
