package io.kpod.apiserver.table;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Writes API objects as kube-apiserver does: absent fields left out, indented for people, compressed when large. */
public final class JsonAnswer {
    /** From this size on, kube-apiserver compresses for clients that take gzip. */
    static final int GZIP_FROM_BYTES = 128 * 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();
    private static final ObjectWriter COMPACT = MAPPER.writer();
    private static final ObjectWriter PRETTY = MAPPER.writerWithDefaultPrettyPrinter();
    private static final List<String> AGENTS_OF_PEOPLE = List.of("curl", "Wget", "Mozilla/5.0");

    private JsonAnswer() {}

    /** The compact form. */
    public static byte[] encode(Object body) {
        return COMPACT.writeValueAsBytes(body);
    }

    /** Answers 200 with the object. */
    public static void write(Context context, Object body) {
        boolean pretty = pretty(context.queryParam("pretty"), context.userAgent());
        byte[] bytes = pretty ? PRETTY.writeValueAsBytes(body) : COMPACT.writeValueAsBytes(body);
        context.disableCompression();
        context.contentType("application/json");
        if (bytes.length > GZIP_FROM_BYTES) {
            context.header("Vary", "Accept-Encoding");
            if (takesGzip(context.header("Accept-Encoding"))) {
                context.header("Content-Encoding", "gzip");
                bytes = gzip(bytes);
            }
        }
        context.result(bytes);
    }

    static boolean pretty(@Nullable String parameter, @Nullable String userAgent) {
        if (parameter != null) {
            return parameter.equals("true") || parameter.equals("1");
        }
        return userAgent != null && AGENTS_OF_PEOPLE.stream().anyMatch(userAgent::startsWith);
    }

    static boolean takesGzip(@Nullable String acceptEncoding) {
        return AcceptHeader.parse(acceptEncoding).clauses().stream()
                .anyMatch(clause -> clause.type().equals("gzip") && clause.q() > 0);
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 4);
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("gzip into memory", e);
        }
        return compressed.toByteArray();
    }
}
