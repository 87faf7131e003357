package io.kpod.apiserver.status;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** meta/v1 Status, as far as this server says it. */
@JsonClassDescription("Why a request was not answered as asked.")
public record Status(
        @JsonPropertyDescription("Always Status.") String kind,
        @JsonPropertyDescription("Always v1.") String apiVersion,

        @JsonPropertyDescription("About the list that was asked for.")
        Metadata metadata,

        @JsonPropertyDescription("Always Failure.") String status,

        @JsonPropertyDescription("What is wrong, for people.")
        String message,

        @JsonPropertyDescription("What is wrong, for programs: one word in CamelCase.")
        String reason,

        @JsonPropertyDescription("What it is about.") @Nullable
        Details details,

        @JsonPropertyDescription("The HTTP code.") int code) {
    /** meta/v1 ListMeta, as far as a Status has it. */
    public record Metadata(
            @JsonPropertyDescription(
                    "Of a list that expired: where it can go on, though not with what there was at its first page.")
            @JsonProperty("continue")
            @Nullable
            String next) {}

    /** meta/v1 StatusDetails. */
    public record Details(
            @JsonPropertyDescription("Name of the object.") @Nullable
            String name,

            @JsonPropertyDescription("Group of the resource.") @Nullable
            String group,

            @JsonPropertyDescription("The resource, in plural.") @Nullable
            String kind,

            @JsonPropertyDescription("More on the reason, the most important first.") @Nullable
            List<Cause> causes,

            @JsonPropertyDescription("After how many seconds to try again.") @Nullable
            Integer retryAfterSeconds) {}

    /** meta/v1 StatusCause. */
    public record Cause(
            @JsonPropertyDescription("One word in CamelCase, for programs.") @Nullable
            String reason,

            @JsonPropertyDescription("For people.") @Nullable
            String message,

            @JsonPropertyDescription("The parameter or field that it is about.") @Nullable
            String field) {}
}
