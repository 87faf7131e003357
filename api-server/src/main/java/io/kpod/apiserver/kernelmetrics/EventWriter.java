package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.PartialObjectMetadata;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.ColumnDefinition;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the events of a watch, one JSON object a line, in the form that was asked for. */
final class EventWriter<T extends ApiObject> {
    private static final int CHUNK_BYTES = 32 * 1024;

    private record WatchEvent(String type, Object object) {}

    private final Context context;
    private final ResourceType<T> type;
    private final Representation form;
    private final IncludeObject include;
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK_BYTES);
    private final OutputStream out;
    private boolean headed;
    private long busySince = System.nanoTime();
    private long busyNanos;

    EventWriter(Context context, ResourceType<T> type, Representation form, IncludeObject include) throws IOException {
        this.context = context;
        this.type = type;
        this.form = form;
        this.include = include;
        context.disableCompression();
        // Javalin's own stream does not pass a flush on
        this.out = context.res().getOutputStream();
    }

    /** Sends the headers: a client waits for them before it waits for events. */
    void begin() throws IOException {
        context.contentType("application/json");
        context.res().flushBuffer();
        busySince = System.nanoTime();
    }

    void event(String event, T object) {
        String revision = object.metadata().resourceVersion();
        put(
                event,
                switch (form) {
                    case Representation.Plain() -> object;
                    case Representation.AsTable(String version) ->
                        table(version, revision, TableDocument.row(version, type.columns(), object, include));
                    case Representation.AsMetadata(String version) -> PartialObjectMetadata.of(version, object);
                });
    }

    void bookmark(long cursor, @Nullable Map<String, String> annotations) {
        String revision = Long.toString(cursor);
        Bookmark.Metadata metadata = new Bookmark.Metadata(revision, annotations);
        put(
                "BOOKMARK",
                switch (form) {
                    case Representation.Plain() -> new Bookmark(type.kind(), KernelMetrics.API_VERSION, metadata);
                    case Representation.AsTable(String version) ->
                        table(
                                version,
                                revision,
                                new TableDocument.Row(
                                        Collections.nCopies(type.columns().size(), ""),
                                        include == IncludeObject.NONE && annotations == null
                                                ? null
                                                : metadataOnly(version, metadata)));
                    case Representation.AsMetadata(String version) -> metadataOnly(version, metadata);
                });
    }

    /** @param status a Status in JSON */
    void error(byte[] status) {
        chunk.writeBytes("{\"type\":\"ERROR\",\"object\":".getBytes(StandardCharsets.US_ASCII));
        chunk.writeBytes(status);
        chunk.writeBytes("}\n".getBytes(StandardCharsets.US_ASCII));
    }

    void signOfLife() {
        chunk.write('\n');
    }

    /** Sends what has been written. */
    void flush() throws IOException {
        if (chunk.size() > 0) {
            send();
            out.flush();
            busySince = System.nanoTime();
        }
    }

    /** Ends the answer: before its place is left, so that a server that stops waits for it. */
    void end() throws IOException {
        out.close();
    }

    /** How long objects were being made and written since the last time, without the time that the client took. */
    long takeBusyNanos() {
        long busy = busyNanos + System.nanoTime() - busySince;
        busyNanos = 0;
        return busy;
    }

    /** The watcher has rested. */
    void awake() {
        busySince = System.nanoTime();
    }

    private void put(String event, Object object) {
        chunk.writeBytes(JsonAnswer.encode(new WatchEvent(event, object)));
        chunk.write('\n');
        if (chunk.size() > CHUNK_BYTES) {
            try {
                send();
            } catch (IOException e) {
                throw new UncheckedIOException("the watcher went", e);
            }
            busySince = System.nanoTime();
        }
    }

    private void send() throws IOException {
        busyNanos += System.nanoTime() - busySince;
        chunk.writeTo(out);
        chunk.reset();
    }

    private static Bookmark metadataOnly(String version, Bookmark.Metadata metadata) {
        return new Bookmark("PartialObjectMetadata", "meta.k8s.io/" + version, metadata);
    }

    /** The headings stand in the first table alone, as with kube-apiserver. */
    private TableDocument table(String version, @Nullable String revision, TableDocument.Row row) {
        List<ColumnDefinition> headings = headed ? List.of() : TableDocument.definitions(type.columns());
        headed = true;
        return new TableDocument(
                "Table", "meta.k8s.io/" + version, new ListMeta(revision, null, null), headings, List.of(row));
    }
}
