package io.kpod.apiserver.authz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.status.StatusException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of apiserver pkg/endpoints/request/requestinfo_test.go, for what is asked of an aggregated metrics server.
 */
class RequestInfoTest {
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            GET    | /apis/g/v1/namespaces/shop/pods                     | list             | g | v1 | shop | pods   | -        | -
            GET    | /apis/g/v1/namespaces/shop/pods/web                 | get              | g | v1 | shop | pods   | -        | web
            HEAD   | /apis/g/v1/namespaces/shop/pods/web                 | get              | g | v1 | shop | pods   | -        | web
            GET    | /apis/g/v1/namespaces/shop/pods/web/preemptors      | get              | g | v1 | shop | pods   | preemptors | web
            GET    | /apis/g/v1/pods                                     | list             | g | v1 | -    | pods   | -        | -
            GET    | /apis/g/v1/nodes/n1                                 | get              | g | v1 | -    | nodes  | -        | n1
            GET    | /apis/g/v1/namespaces/shop/pods?watch=true          | watch            | g | v1 | shop | pods   | -        | -
            GET    | /apis/g/v1/namespaces/shop/pods?watch=              | watch            | g | v1 | shop | pods   | -        | -
            GET    | /apis/g/v1/namespaces/shop/pods?watch=false         | list             | g | v1 | shop | pods   | -        | -
            GET    | /apis/g/v1/namespaces/shop/pods?watch=0             | list             | g | v1 | shop | pods   | -        | -
            GET    | /apis/g/v1/namespaces/shop/pods/web?watch=true      | get              | g | v1 | shop | pods   | -        | web
            GET    | /apis/g/v1/pods?fieldSelector=metadata.name%3Dweb   | list             | g | v1 | -    | pods   | -        | web
            GET    | /apis/g/v1/pods?fieldSelector=metadata.name!%3Dweb  | list             | g | v1 | -    | pods   | -        | -
            GET    | /apis/g/v1/namespaces/shop/pods/%2A/kpod_m          | get              | g | v1 | shop | pods   | kpod_m   | *
            GET    | /apis/g/v1/namespaces/shop/pods/*/kpod_m            | get              | g | v1 | shop | pods   | kpod_m   | *
            GET    | /apis/g/v1/namespaces/shop/deployments.apps/web/m   | get              | g | v1 | shop | deployments.apps | m | web
            GET    | /apis/g/v1/namespaces/shop/metrics/m                | get              | g | v1 | shop | metrics | -       | m
            GET    | /apis/g/v1/namespaces/shop/m                        | list             | g | v1 | shop | m      | -        | -
            GET    | /apis/g/v1/namespaces/shop                          | get              | g | v1 | shop | namespaces | -    | shop
            GET    | /apis/g/v1/namespaces                               | list             | g | v1 | -    | namespaces | -    | -
            POST   | /apis/g/v1/namespaces/shop/pods                     | create           | g | v1 | shop | pods   | -        | -
            PUT    | /apis/g/v1/namespaces/shop/pods/web                 | update           | g | v1 | shop | pods   | -        | web
            PATCH  | /apis/g/v1/namespaces/shop/pods/web                 | patch            | g | v1 | shop | pods   | -        | web
            DELETE | /apis/g/v1/namespaces/shop/pods/web                 | delete           | g | v1 | shop | pods   | -        | web
            DELETE | /apis/g/v1/namespaces/shop/pods                     | deletecollection | g | v1 | shop | pods   | -        | -
            GET    | /api/v1/namespaces/shop/pods                        | list             | - | v1 | shop | pods   | -        | -
            """)
    void resourceRequestsAreReadAsKubernetesReadsThem(
            String method,
            String url,
            String verb,
            String group,
            String version,
            String namespace,
            String resource,
            String subresource,
            String name) {
        RequestInfo info = parse(method, url);
        assertThat(info.isResource()).isTrue();
        assertThat(info.verb()).isEqualTo(verb);
        assertThat(info.group()).isEqualTo(plain(group));
        assertThat(info.version()).isEqualTo(version);
        assertThat(info.namespace()).isEqualTo(plain(namespace));
        assertThat(info.resource()).isEqualTo(resource);
        assertThat(info.subresource()).isEqualTo(plain(subresource));
        assertThat(info.name()).isEqualTo(plain(name));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /              | get    | /
            GET    | /apis          | get    | /apis
            GET    | /apis/         | get    | /apis/
            GET    | /apis/g        | get    | /apis/g
            GET    | /apis/g/v1     | get    | /apis/g/v1
            HEAD   | /version       | head   | /version
            POST   | /metrics       | post   | /metrics
            GET    | /openapi/v3/apis/g/v1/x | get | /openapi/v3/apis/g/v1/x
            """)
    void otherRequestsArePathsAndMethods(String method, String url, String verb, String path) {
        RequestInfo info = parse(method, url);
        assertThat(info.isResource()).isFalse();
        assertThat(info.verb()).isEqualTo(verb);
        assertThat(info.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/apis/g/v1/namespaces/a%2fb/pods",
                "/apis/g/v1/namespaces/../pods",
                "/apis/g/v1/namespaces/%2e/pods",
                "/apis//v1/pods",
                "//apis",
                "/apis/g/v1/pods/a;b",
                "/apis/g/v1/pods/%00",
                "/apis/g/v1/pods/%zz"
            })
    void pathsThatARouterCouldReadDifferentlyAreRefused(String path) {
        assertThatThrownBy(() -> parse("GET", path))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining(path)
                .hasMessageContaining("write the path plainly");
    }

    private static String plain(String cell) {
        return cell == null ? "" : cell;
    }

    private static RequestInfo parse(String method, String url) {
        String[] parts = url.split("\\?", 2);
        Map<String, String> query = parts.length < 2
                ? Map.of()
                : Stream.of(parts[1].split("&"))
                        .map(pair -> pair.split("=", 2))
                        .collect(Collectors.toMap(
                                pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
        return RequestInfo.of(method, parts[0], name -> Optional.ofNullable(query.get(name)));
    }
}
