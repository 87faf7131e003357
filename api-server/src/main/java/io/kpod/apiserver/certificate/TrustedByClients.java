package io.kpod.apiserver.certificate;

import java.security.cert.X509Certificate;
import java.util.List;

/** What signs or shows a certificate, and the authorities of which clients must trust one to believe it. */
interface TrustedByClients {
    List<X509Certificate> authorities();
}
