package io.kpod.apiserver.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.kpod.selector.LabelSelector;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelTextTest {
    @ParameterizedTest
    @CsvSource({
        "eth0, eth0",
        "epoll_wait, epoll_wait",
        "/data, data",
        "/, root",
        "/var/lib/postgresql/data, var-lib-postgresql-data",
        "/mnt/.hidden/, mnt-.hidden",
        "/a/0123456789012345678901234567890123456789012345678901234567890123, 123456789012345678901234567890123456789012345678901234567890123",
    })
    void saysWhatALabelValueCan(String text, String value) {
        assertThat(LabelText.of(text)).isEqualTo(value);
    }

    @Property
    void isALabelValueWhateverTheText(@ForAll String text) {
        assertThatCode(() -> LabelSelector.parse("key=" + LabelText.of(text))).doesNotThrowAnyException();
        assertThat(LabelText.of(LabelText.of(text))).isEqualTo(LabelText.of(text));
    }
}
