package io.kpod.apiserver.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonAnswerTest {
    record Thing(ObjectMeta metadata) implements ApiObject {}

    private static final Thing THING = new Thing(
            new ObjectMeta("a", "b", null, "7", Instant.parse("2026-11-24T12:00:00.987Z"), Map.of("app", "x")));

    @Test
    void absentFieldsAreLeftOutAndFieldsKeepTheirOrder() {
        assertThat(new String(JsonAnswer.encode(THING), StandardCharsets.UTF_8))
                .isEqualTo("{\"metadata\":{\"name\":\"a\",\"namespace\":\"b\",\"resourceVersion\":\"7\","
                        + "\"creationTimestamp\":\"2026-11-24T12:00:00Z\",\"labels\":{\"app\":\"x\"}}}");
    }

    @Test
    void peopleGetIndentedJson() {
        assertThat(JsonAnswer.pretty(null, "curl/8")).isTrue();
        assertThat(JsonAnswer.pretty("false", "curl/8")).isFalse();
        assertThat(JsonAnswer.pretty("true", "kubectl")).isTrue();
        assertThat(JsonAnswer.pretty(null, "kubectl")).isFalse();
        assertThat(JsonAnswer.pretty(null, null)).isFalse();
    }

    @Test
    void gzipOnlyForThoseWhoTakeIt() {
        assertThat(JsonAnswer.takesGzip("gzip, br")).isTrue();
        assertThat(JsonAnswer.takesGzip("gzip;q=0")).isFalse();
        assertThat(JsonAnswer.takesGzip(null)).isFalse();
    }

    @Test
    void aTableHasACellPerColumnAndTheObjectAsAsked() {
        List<Column<Thing>> columns = List.of(
                new Column<>(
                        "Name",
                        "name",
                        "The name.",
                        0,
                        thing -> thing.metadata().name()),
                new Column<>("Other", "", "Nothing.", 1, thing -> null));
        TableDocument table = TableDocument.of(
                "v1", new ListMeta("7", null, null), columns, List.of(THING), TableDocument.IncludeObject.METADATA);
        assertThat(new String(JsonAnswer.encode(table), StandardCharsets.UTF_8))
                .startsWith(
                        "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"7\"},")
                .contains(
                        "\"cells\":[\"a\",\"-\"],\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\"");
        TableDocument bare =
                TableDocument.of("v1", ListMeta.EMPTY, columns, List.of(THING), TableDocument.IncludeObject.NONE);
        assertThat(bare.rows().getFirst().object()).isNull();
    }
}
