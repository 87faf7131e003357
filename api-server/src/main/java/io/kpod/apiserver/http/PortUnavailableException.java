package io.kpod.apiserver.http;

/** A port can't be opened; the message names it and the way out. */
public final class PortUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    PortUnavailableException(String key, String address, int port, Throwable cause) {
        super(
                "cannot listen on " + address + ":" + port + ": " + cause.getMessage() + "; end what holds port " + port
                        + " (ss -ltnp) or set " + key + " to another",
                cause);
    }
}
