package io.kpod.apiserver.authn;

/** One way of telling who sent a request. */
public interface Authenticator {
    /** Looks at the credentials of its kind. */
    Outcome authenticate(Credentials credentials);

    /** What an authenticator found. */
    sealed interface Outcome {
        /** The sender proved to be {@code user}. */
        record Known(User user) implements Outcome {}

        /** Nothing of this authenticator's kind was shown. */
        record Absent() implements Outcome {}

        /** Something was shown and proves nothing. */
        record Refused(String reason) implements Outcome {}

        /** It can't be told now; asking again later may help. */
        record Unavailable(String reason) implements Outcome {}
    }
}
