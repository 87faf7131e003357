package io.kpod.apiserver.authn;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What a token is remembered by: its SHA-256, so that no token is kept, and what it was asked for. */
record TokenKey(String sha256, List<String> audiences) {
    static TokenKey of(String token, List<String> audiences) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(token.getBytes(StandardCharsets.UTF_8));
            return new TokenKey(HexFormat.of().formatHex(hash), List.copyOf(audiences));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
