package io.kpod.apiserver.discovery;

import io.javalin.http.Context;
import io.kpod.apiserver.table.JsonAnswer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A document encoded once at start.
 *
 * @param etag quoted SHA-512 of the bytes, as kube-apiserver makes it
 */
public record Document(byte[] bytes, String contentType, String etag) {
    /** Encodes {@code content}. */
    public static Document of(Object content, String contentType) {
        byte[] bytes = JsonAnswer.encode(content);
        return new Document(bytes, contentType, '"' + sha512(bytes) + '"');
    }

    /** The SHA-512 of the bytes. */
    public String hash() {
        return etag.substring(1, etag.length() - 1);
    }

    /** Answers 200 with it, or 304 to who has it. */
    public void answer(Context context, String cacheControl) {
        context.disableCompression();
        context.header("Vary", "Accept");
        context.header("Cache-Control", cacheControl);
        context.header("ETag", etag);
        // With a 304 too: client-go's cache takes the headers of the 304 for those of the body that it kept.
        context.contentType(contentType);
        if (etag.equals(context.header("If-None-Match"))) {
            context.status(304);
            return;
        }
        context.result(bytes);
    }

    private static String sha512(byte[] bytes) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-512").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without SHA-512", e);
        }
    }
}
