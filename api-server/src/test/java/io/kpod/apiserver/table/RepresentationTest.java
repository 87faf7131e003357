package io.kpod.apiserver.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.Representation.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepresentationTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "                                                              | Plain[]",
                "''                                                            | Plain[]",
                "*/*                                                           | Plain[]",
                "application/*                                                 | Plain[]",
                "application/json                                              | Plain[]",
                "application/json;profile=nopeer                               | Plain[]",
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json | AsTable[version=v1]",
                "application/json;as=Table;v=v1beta1;g=meta.k8s.io             | AsTable[version=v1beta1]",
                "application/json;as=Table;v=v9;g=meta.k8s.io,application/json | Plain[]",
                "application/json;as=Table;v=v1;g=other,application/json       | Plain[]",
                "application/vnd.kubernetes.protobuf, */*                      | Plain[]",
                "application/vnd.kubernetes.protobuf,application/json          | Plain[]",
                "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io | AsMetadata[version=v1]",
                "application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io | AsTable[version=v1]",
            })
    void firstClauseThatCanBeSatisfiedWins(String accept, String form) {
        assertThat(Representation.negotiate(accept, Shape.LIST)).hasToString(form);
    }

    @Test
    void metadataOfOneObjectIsNotAList() {
        assertThat(Representation.negotiate(
                        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", Shape.OBJECT))
                .isEqualTo(new Representation.AsMetadata("v1"));
        assertThat(Representation.negotiate(
                        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,*/*", Shape.LIST))
                .isEqualTo(new Representation.Plain());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/vnd.kubernetes.protobuf",
                "text/html",
                "application/cbor",
                "application/json;q=0",
                "application/json;as=Table;v=v9;g=meta.k8s.io",
            })
    void whatCannotBeGivenIsNotAcceptable(String accept) {
        assertThatThrownBy(() -> Representation.negotiate(accept, Shape.LIST))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.reason()).isEqualTo(StatusException.Reason.NOT_ACCEPTABLE))
                .hasMessageStartingWith("only the following media types are accepted: application/json");
    }
}
