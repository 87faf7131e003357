package io.kpod.apiserver.discovery;

import io.kpod.apiserver.table.JsonAnswer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A document encoded once at start.
 *
 * @param etag quoted SHA-512 of the bytes, as kube-apiserver makes it
 */
record Document(byte[] bytes, String contentType, String etag) {
    static Document of(Object content, String contentType) {
        byte[] bytes = JsonAnswer.encode(content);
        return new Document(bytes, contentType, '"' + sha512(bytes) + '"');
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
