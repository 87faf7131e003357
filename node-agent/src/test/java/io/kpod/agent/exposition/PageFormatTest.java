package io.kpod.agent.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageFormatTest {
    private static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                                            | TEXT
            */*                                                                           | TEXT
            text/html                                                                     | TEXT
            text/plain;version=0.0.4                                                      | TEXT
            application/openmetrics-text                                                  | OPENMETRICS
            Application/OpenMetrics-Text; version=1.0.0                                   | OPENMETRICS
            application/openmetrics-text;q=0.2,text/plain;q=0.9                           | TEXT
            application/openmetrics-text;q=0,text/plain;q=0.1                             | TEXT
            application/openmetrics-text;q=much                                           | TEXT
            PROTOBUF;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1     | PROTOBUF
            application/openmetrics-text;version=1.0.0;q=0.6,PROTOBUF;q=0.5,*/*;q=0.1     | OPENMETRICS
            application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,text/plain;q=0.1 | TEXT
            """)
    void theOneThatTheScraperWantsMost(String header, PageFormat format) {
        assertThat(PageFormat.accepted(header.replace("PROTOBUF", PROTOBUF))).isEqualTo(format);
    }
}
