package io.kpod.apiserver.authn;

import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/** What a request shows of its sender. */
public interface Credentials {
    /** The client certificate and what came with it, leaf first; not verified. Empty if none was shown. */
    List<X509Certificate> certificates();

    /** All values of a header, in the order in which they came; the name's case does not matter. */
    List<String> header(String name);

    /** The names of all headers. */
    Collection<String> headerNames();
}
