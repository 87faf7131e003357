package io.kpod.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    private enum Mode {
        INFORMER,
        NOT_AT_ALL
    }

    private static final Key<Duration> INTERVAL = Key.millis("kpod.push.interval", 5000, 500, 60_000, "between pushes");
    private static final Key<Integer> PORT = Key.integer("kpod.metrics.port", 9090, 0, 65_535, "port");
    private static final Key<Mode> MODE = Key.choice("kpod.discovery.mode", Mode.INFORMER, "where pods come from");
    private static final Key<List<String>> NAMES =
            Key.list("kpod.filter.exclude-namespaces", "a,b", "names", "left out");
    private static final List<Key<?>> KEYS = List.of(INTERVAL, PORT, MODE, NAMES);

    @TempDir
    Path folder;

    @Test
    void defaultsHoldWhereNothingIsSaid() throws Exception {
        Configuration configuration = Configuration.load(KEYS, List.of(), Map.of("PATH", "/bin"));
        assertThat(configuration.get(INTERVAL)).isEqualTo(Duration.ofSeconds(5));
        assertThat(configuration.get(MODE)).isEqualTo(Mode.INFORMER);
        assertThat(configuration.get(NAMES)).containsExactly("a", "b");
    }

    @Test
    void fileThenEnvironmentThenCommandLine() throws Exception {
        Path file = Files.writeString(folder.resolve("application.yaml"), """
                kpod:
                  push:
                    interval: 1000
                  metrics.port: 1
                  discovery:
                    mode: not-at-all
                  filter:
                    exclude-namespaces: [x, y]
                """);
        Configuration configuration = Configuration.load(
                KEYS,
                List.of("--kpod.metrics.port=3", "--config=" + file),
                Map.of("KPOD_METRICS_PORT", "2", "KPOD_PUSH_INTERVAL", "2000"));
        assertThat(configuration.get(PORT)).isEqualTo(3);
        assertThat(configuration.get(INTERVAL)).isEqualTo(Duration.ofSeconds(2));
        assertThat(configuration.get(MODE)).isEqualTo(Mode.NOT_AT_ALL);
        assertThat(configuration.get(NAMES)).containsExactly("x", "y");
    }

    @Test
    void everyMistakeIsALineThatNamesKeyValueSourceAndWhatIsAllowed() throws Exception {
        Path file = Files.writeString(folder.resolve("application.yaml"), "kpod: {metrics: {prot: 1}}");
        ConfigurationException mistakes = catchThrowableOfType(
                ConfigurationException.class,
                () -> Configuration.load(
                        KEYS,
                        List.of("--kpod.push.interval=soon", "--kpod.typo=1", "stray", "--config=" + file),
                        Map.of(
                                "KPOD_METRICS_PORT",
                                "70000",
                                "KPOD_DISCOVERY_MODE",
                                "kublet",
                                "KPOD_PORT",
                                "tcp://1.2.3.4")));
        assertThat(mistakes.mistakes())
                .containsExactlyInAnyOrder(
                        "file " + file + ": unknown key kpod.metrics.prot; --help lists the keys",
                        "environment: unknown variable KPOD_PORT; --help lists the keys",
                        "command line: unknown argument --kpod.typo=1; write --KEY=VALUE, --help lists the keys",
                        "command line: unknown argument stray; write --KEY=VALUE, --help lists the keys",
                        "kpod.push.interval: \"soon\" (command line) is not a whole number of ms from 500 to 60000",
                        "kpod.metrics.port: \"70000\" (environment KPOD_METRICS_PORT) is not a whole number from 0 to 65535",
                        "kpod.discovery.mode: \"kublet\" (environment KPOD_DISCOVERY_MODE) is not one of informer, not-at-all");
    }

    @Test
    void aFileThatIsMissingOrNoYamlIsALine() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.yaml"), "kpod: [");
        for (String file : List.of(folder.resolve("none.yaml").toString(), broken.toString())) {
            ConfigurationException mistakes = catchThrowableOfType(
                    ConfigurationException.class,
                    () -> Configuration.load(KEYS, List.of(), Map.of("KPOD_CONFIG", file)));
            assertThat(mistakes.mistakes())
                    .singleElement()
                    .asString()
                    .startsWith("file " + file + ": ")
                    .doesNotContain("\n");
        }
    }

    @Test
    void anAddressIsALiteralAndEmptyOnlyByDefault() throws Exception {
        Key<String> address = Key.ipAddress("kpod.api.address", "", "where to listen");
        Key<String> name = Key.pattern("kpod.api.service", "svc", "[a-z]+", "a name", "a Service");
        List<Key<?>> keys = List.of(address, name);
        for (String right : List.of("", "10.0.0.1", "::1", "2001:db8::1")) {
            assertThat(Configuration.load(keys, List.of("--kpod.api.address=" + right), Map.of())
                            .get(address))
                    .isEqualTo(right);
        }
        for (String wrong : List.of("999.1.1.1", "1.1", "localhost", "::g", "1:2", ".")) {
            assertThat(catchThrowableOfType(
                                    ConfigurationException.class,
                                    () -> Configuration.load(keys, List.of("--kpod.api.address=" + wrong), Map.of()))
                            .mistakes())
                    .singleElement()
                    .asString()
                    .contains("kpod.api.address", wrong, "an IP address");
        }
        assertThat(catchThrowableOfType(
                                ConfigurationException.class,
                                () -> Configuration.load(keys, List.of("--kpod.api.service="), Map.of()))
                        .mistakes())
                .singleElement()
                .asString()
                .contains("kpod.api.service", "a name");
    }
}
