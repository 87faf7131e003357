package io.kpod.apiserver.doctor;

/**
 * Something that is not as it should be.
 *
 * @param subject what was looked at, as people name it: {@code Service kpod/kpod-api-server}
 * @param message how it stands, with the value that was met
 * @param wayOut what to do about it
 */
record Finding(String subject, String message, String wayOut) {
    /** As it is printed. */
    @Override
    public String toString() {
        return subject + ": " + message + "; way out: " + wayOut;
    }
}
