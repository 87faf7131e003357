package io.kpod.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelSelectorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                          | app=a          | true",
                "app=a                       | app=a          | true",
                "app==a                      | app=a          | true",
                "app=a                       | app=b          | false",
                "app=a                       | ''             | false",
                "app!=a                      | app=b          | true",
                "app!=a                      | ''             | true",
                "app!=a                      | app=a          | false",
                "app                         | app=a          | true",
                "app                         | ''             | false",
                "!app                        | ''             | true",
                "! app                       | app=a          | false",
                "app in (a,b)                | app=b          | true",
                "app in ( a , b )            | app=c          | false",
                "app in (a)                  | ''             | false",
                "app notin (a,b)             | app=c          | true",
                "app notin (a,b)             | ''             | true",
                "app notin (a,b)             | app=a          | false",
                "app in (,a)                 | app=           | true",
                "app in (a,)                 | app=           | true",
                "app in (a,,b)               | app=           | true",
                "app=                        | app=           | true",
                "app=,tier=x                 | app=;tier=x    | true",
                "n>2                         | n=3            | true",
                "n>2                         | n=2            | false",
                "n>2                         | n=x            | false",
                "n<2                         | n=1            | true",
                "n<2                         | ''             | false",
                "app=a,tier in (x,y),!old    | app=a;tier=y   | true",
                "app=a,tier in (x,y),!old    | app=a;tier=y;old=1 | false",
                "in in (in,notin)            | in=notin       | true",
                "notin=in                    | notin=in       | true",
                "k8s.io/app-name_1=v.1       | k8s.io/app-name_1=v.1 | true",
                "app=a,                      | app=a          | error identifier after ','",
            })
    void selects(String selector, String labels, String expected) throws MalformedSelectorException {
        if (expected.startsWith("error ")) {
            assertThatThrownBy(() -> LabelSelector.parse(selector))
                    .hasMessageContaining(expected.substring("error ".length()));
            return;
        }
        assertThat(LabelSelector.parse(selector).matches(labels(labels))).isEqualTo(Boolean.parseBoolean(expected));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "=a            | found '=', expected: !, identifier, or 'end of string'",
                "app=a b       | found 'b', expected: ',' or 'end of string'",
                "app a         | found 'a', expected: in, notin, =, ==, !=, gt, lt",
                "app in a      | found 'a' expected: '('",
                "app in (a     | found '', expected: ',', ')' or identifier",
                "app in (a b)  | found 'b', expected: ',' or ')'",
                "app in ()     | in and notin need at least one value",
                "!!app         | found '!', expected: identifier",
                "app=(         | found '(', expected: identifier",
                "a,=b          | found '=', expected: identifier after ','",
                "n>x           | is not a whole number",
                "-app=a        | key \"-app\"",
                "A_/x=a        | key \"A_/x\"",
                "app=-x        | value \"-x\" of key \"app\"",
                "app=a%        | value \"a%\"",
                "a/b/c         | key \"a/b/c\"",
            })
    void saysWhatIsWrong(String selector, String message) {
        assertThatThrownBy(() -> LabelSelector.parse(selector))
                .isInstanceOf(MalformedSelectorException.class)
                .hasMessageContaining(message);
    }

    @Property
    void anyTextIsReadOrRefused(
            @ForAll @Chars({'=', '!', '(', ')', ',', '<', '>', ' '}) @CharRange(from = 'a', to = 'c') String text) {
        try {
            LabelSelector.parse(text).matches(Map.of("a", "b"));
        } catch (MalformedSelectorException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Property
    void equalityAndItsContraryDivideAllObjects(
            @ForAll @CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 2) String value)
            throws MalformedSelectorException {
        Map<String, String> labels = Map.of("a", "b");
        assertThat(LabelSelector.parse("a=" + value).matches(labels))
                .isNotEqualTo(LabelSelector.parse("a!=" + value).matches(labels));
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new HashMap<>();
        for (String pair : text.split(";")) {
            if (!pair.isEmpty()) {
                labels.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        return labels;
    }
}
