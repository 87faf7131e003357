package io.kpod.apiserver.authn;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The parts of a certificate's subject that name somebody (crypto/x509/pkix Name).
 *
 * @param commonName the last CN; empty if there is none
 * @param organizations every O, in order
 */
record CertificateSubject(String commonName, List<String> organizations) {
    CertificateSubject {
        organizations = List.copyOf(organizations);
    }

    static CertificateSubject of(X509Certificate certificate) {
        String commonName = "";
        List<String> organizations = new ArrayList<>();
        X500Name name =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        for (RDN part : name.getRDNs()) {
            for (AttributeTypeAndValue attribute : part.getTypesAndValues()) {
                if (attribute.getType().equals(BCStyle.CN)) {
                    commonName = text(attribute);
                } else if (attribute.getType().equals(BCStyle.O)) {
                    organizations.add(text(attribute));
                }
            }
        }
        return new CertificateSubject(commonName, organizations);
    }

    private static String text(AttributeTypeAndValue attribute) {
        return attribute.getValue() instanceof org.bouncycastle.asn1.ASN1String string
                ? string.getString()
                : IETFUtils.valueToString(attribute.getValue());
    }
}
