package io.kpod.apiserver.table;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

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
    private static final ObjectWriter YAML = YAMLMapper.builder()
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .disable(YAMLWriteFeature.SPLIT_LINES)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build()
            .writer();
    private static final List<String> AGENTS_OF_PEOPLE = List.of("curl", "Wget", "Mozilla/5.0");

    private JsonAnswer() {}

    /** The compact form. */
    public static byte[] encode(Object body) {
        return COMPACT.writeValueAsBytes(body);
    }

    /** Answers 200 with the object. */
    public static void write(Context context, Object body) {
        stream(context, generator -> generator.writePOJO(body));
    }

    /** Answers 200 with what {@code body} writes, which is never in memory as a whole. */
    public static void stream(Context context, Consumer<JsonGenerator> body) {
        stream(context, false, body);
    }

    /** The same in JSON or YAML. */
    public static void stream(Context context, boolean yaml, Consumer<JsonGenerator> body) {
        boolean pretty = pretty(context.queryParam("pretty"), context.userAgent());
        context.disableCompression();
        if (yaml) {
            // else Jetty adds the one that it takes the listener's default type, JSON, to have
            context.res().setCharacterEncoding((String) null);
        }
        context.contentType(yaml ? "application/yaml" : "application/json");
        ObjectWriter json = pretty ? PRETTY : COMPACT;
        try (OutputStream out = new GrownStream(context);
                JsonGenerator generator = (yaml ? YAML : json).createGenerator(out)) {
            body.accept(generator);
        } catch (IOException e) {
            throw new UncheckedIOException("an answer could not be written", e);
        }
    }

    /** Decides on compression when it is known whether the body is large. */
    private static final class GrownStream extends OutputStream {
        private final Context context;
        private final ByteArrayOutputStream start = new ByteArrayOutputStream();
        private @Nullable OutputStream rest;

        GrownStream(Context context) {
            this.context = context;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (rest == null && start.size() + length > GZIP_FROM_BYTES) {
                context.header("Vary", "Accept-Encoding");
                OutputStream plain = context.outputStream();
                if (takesGzip(context.header("Accept-Encoding"))) {
                    context.header("Content-Encoding", "gzip");
                    plain = new GZIPOutputStream(plain, 8192);
                }
                start.writeTo(plain);
                rest = plain;
            }
            (rest == null ? start : rest).write(bytes, offset, length);
        }

        /** The generator flushes at its end, and that is no reason to send in parts. */
        @Override
        public void flush() {}

        @Override
        public void close() throws IOException {
            if (rest == null) {
                context.result(start.toByteArray());
            } else {
                rest.close();
            }
        }
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
}
