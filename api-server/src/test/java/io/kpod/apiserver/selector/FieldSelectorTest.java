package io.kpod.apiserver.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.selector.MalformedSelectorException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldSelectorTest {
    private static final List<String> SUPPORTED = List.of("metadata.name", "spec.nodeName");
    private static final Map<String, String> FIELDS = Map.of("metadata.name", "a,b", "spec.nodeName", "n1");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                  | true",
                "spec.nodeName=n1                    | true",
                "spec.nodeName==n1                   | true",
                "spec.nodeName!=n1                   | false",
                "spec.nodeName=n1,metadata.name=x    | false",
                "metadata.name=a\\,b                 | true",
                "spec.nodeName=                      | false",
            })
    void selects(String selector, boolean expected) throws MalformedSelectorException {
        assertThat(FieldSelector.parse(selector, SUPPORTED).matches(FIELDS)).isEqualTo(expected);
    }

    @Test
    void namesAFieldThatIsNotSupportedAndThoseThatAre() {
        assertThatThrownBy(() -> FieldSelector.parse("status.phase=Running", SUPPORTED))
                .hasMessage("field label not supported: status.phase; supported are metadata.name, spec.nodeName");
    }

    @Test
    void refusesWhatIsNoTerm() {
        assertThatThrownBy(() -> FieldSelector.parse("spec.nodeName", SUPPORTED))
                .hasMessageContaining("can't understand 'spec.nodeName'");
        assertThatThrownBy(() -> FieldSelector.parse("spec.nodeName=a\\x", SUPPORTED))
                .hasMessageContaining("escapes");
        assertThatThrownBy(() -> FieldSelector.parse("spec.nodeName=a=b", SUPPORTED))
                .hasMessageContaining("written '\\='");
    }

    @Test
    void knowsTheOneValueAFieldMustHave() throws MalformedSelectorException {
        assertThat(FieldSelector.parse("metadata.name=x", SUPPORTED).required("metadata.name"))
                .contains("x");
        assertThat(FieldSelector.parse("metadata.name!=x", SUPPORTED).required("metadata.name"))
                .isEmpty();
    }
}
