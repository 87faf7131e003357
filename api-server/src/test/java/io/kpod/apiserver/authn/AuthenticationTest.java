package io.kpod.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.status.StatusException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The algorithm of apiserver authenticatorfactory/delegating.go, against authorities of all kinds. */
class AuthenticationTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final CertificateAuthority USERS = CertificateAuthority.create("users", NOW);
    private static final CertificateAuthority PROXY = CertificateAuthority.create("proxy", NOW);
    private static final CertificateAuthority OLD_PROXY = CertificateAuthority.create("old proxy", NOW);
    private static final CertificateAuthority STRANGER = CertificateAuthority.create("proxy", NOW);
    private static final String FRONT = "front-proxy-client";

    private final Map<String, String> configMap = new HashMap<>(Map.of(
            "client-ca-file", Pem.write(List.of(USERS.certificate())),
            "requestheader-client-ca-file", Pem.write(List.of(OLD_PROXY.certificate(), PROXY.certificate())),
            "requestheader-allowed-names", "[\"" + FRONT + "\"]",
            "requestheader-username-headers", "[\"X-Remote-User\",\"X-Other-User\"]",
            "requestheader-group-headers", "[\"X-Remote-Group\"]",
            "requestheader-uid-headers", "[\"X-Remote-Uid\"]",
            "requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]"));
    private final List<String> reviewed = new ArrayList<>();

    @Test
    void theFrontProxySpeaksForAUser() throws Exception {
        User user = authenticate(front().with("x-remote-user", "jürgen")
                .with("X-Remote-User", "mallory")
                .with("X-Remote-Uid", "u1")
                .with("X-Remote-Group", "dev")
                .with("X-Remote-Group", "")
                .with("X-Remote-Group", "ops")
                .with("X-Remote-Extra-Authentication.kubernetes.io%2fCredential-Id", "JTI=1")
                .with("X-Remote-Extra-Scopes", "a")
                .with("x-remote-extra-scopes", "b"));
        assertThat(user.name()).isEqualTo("jürgen");
        assertThat(user.uid()).isEqualTo("u1");
        assertThat(user.groups()).containsExactly("dev", "ops", "system:authenticated");
        assertThat(user.extra().get("authentication.kubernetes.io/credential-id"))
                .containsExactly("JTI=1");
        assertThat(user.extra().get("scopes")).contains("a", "b");
    }

    @Test
    void uidsCountOnlyWhereTheConfigMapListsTheirHeader() throws Exception {
        configMap.remove("requestheader-uid-headers");
        assertThat(authenticate(front().with("X-Remote-User", "u").with("X-Remote-Uid", "u1"))
                        .uid())
                .isEmpty();
    }

    @Test
    void theSecondUserHeaderServesWhereTheFirstIsMissing() throws Exception {
        assertThat(authenticate(front().with("X-Other-User", "u")).name()).isEqualTo("u");
    }

    @Test
    void everyAuthorityOfTheBundleIsTrusted() throws Exception {
        assertThat(authenticate(shown(OLD_PROXY, FRONT, "").with("X-Remote-User", "u"))
                        .name())
                .isEqualTo("u");
    }

    @Test
    void nobodyOfTheKubeAggregatorIsStillAuthenticated() throws Exception {
        assertThat(authenticate(front().with("X-Remote-User", "system:aggregator"))
                        .groups())
                .containsExactly("system:authenticated");
    }

    @Test
    void anonymousBehindTheFrontProxyStaysSo() throws Exception {
        assertThat(authenticate(front().with("X-Remote-User", "system:anonymous")
                                .with("X-Remote-Group", "system:unauthenticated"))
                        .groups())
                .containsExactly("system:unauthenticated");
    }

    @Test
    void headersWithoutACertificateAreNobodys() throws Exception {
        assertThat(authenticate(forged(new ShownCredentials()))).isEqualTo(User.ANONYMOUS);
    }

    @Test
    void headersOfAStrangerAreRefused() {
        assertRefused(forged(shown(STRANGER, FRONT, "")), "signed by unknown authority");
    }

    @Test
    void headersOfAnotherNameOfTheRightAuthorityAreRefused() {
        assertRefused(forged(shown(PROXY, "someone", "")), "cn=someone is not in the allowed list");
    }

    @Test
    void anyNameIsAllowedWhereNoneAreListed() throws Exception {
        configMap.put("requestheader-allowed-names", "[]");
        assertThat(authenticate(shown(PROXY, "someone", "").with("X-Remote-User", "u"))
                        .name())
                .isEqualTo("u");
    }

    @Test
    void headersOfAnExpiredCertificateAreRefused() {
        X509Certificate expired = PROXY.signClient(FRONT, "", NOW.minus(HOUR.multipliedBy(3)), HOUR)
                .leaf();
        assertRefused(forged(new ShownCredentials(expired)), "certificate is valid from");
    }

    @Test
    void headersOfAServersCertificateAreRefused() {
        X509Certificate server =
                PROXY.signServer(List.of(FRONT), List.of(), NOW, HOUR).leaf();
        assertRefused(forged(new ShownCredentials(server)), "not client authentication");
    }

    @Test
    void aUsersCertificateIsThatUserWhateverItsHeadersSay() throws Exception {
        User user = authenticate(forged(shown(USERS, "bob", "dev")));
        assertThat(user).isEqualTo(new User("bob", "", List.of("dev", "system:authenticated"), Map.of()));
    }

    @Test
    void theFrontProxyThatNamesNobodyIsNobodyElse() {
        assertRefused(front(), "signed by unknown authority");
    }

    @Test
    void bearerTokensAreReviewed() throws Exception {
        assertThat(authenticate(new ShownCredentials().with("authorization", "bearer  good"))
                        .name())
                .isEqualTo("token-user");
        assertRefused(new ShownCredentials().with("Authorization", "Bearer bad"), "bearer token: no such token");
        assertThat(authenticate(new ShownCredentials().with("Authorization", "Basic eDp5")))
                .isEqualTo(User.ANONYMOUS);
        assertThat(reviewed).containsExactly("good", "bad");
    }

    @Test
    void beforeTheConfigMapIsReadACertificateProvesNothingAndThatIsSaid() {
        Authentication authentication = new Authentication(List.of(
                new FrontProxyAuthenticator(Optional::empty, () -> NOW),
                new ClientCertificateAuthenticator(Optional::empty, () -> NOW)));
        assertThatThrownBy(() -> authentication.authenticate(forged(front())))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.reason()).isEqualTo(StatusException.Reason.SERVICE_UNAVAILABLE))
                .hasMessageContaining("not known yet");
        assertThat(authentication.authenticate(forged(new ShownCredentials()))).isEqualTo(User.ANONYMOUS);
    }

    @Test
    void aConfigMapThatCantBeReadNamesTheKey() {
        configMap.put("requestheader-client-ca-file", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> DelegatedTrust.parse(configMap))
                .isInstanceOf(MalformedTrustException.class)
                .hasMessageContaining("requestheader-client-ca-file");
        configMap.put("requestheader-client-ca-file", Pem.write(List.of(PROXY.certificate())));
        configMap.put("requestheader-allowed-names", "front-proxy-client");
        assertThatThrownBy(() -> DelegatedTrust.parse(configMap))
                .isInstanceOf(MalformedTrustException.class)
                .hasMessageContaining("requestheader-allowed-names");
    }

    private User authenticate(Credentials credentials) throws MalformedTrustException {
        DelegatedTrust trust = DelegatedTrust.parse(configMap);
        TokenReviewer reviewer = (token, audiences) -> {
            reviewed.add(token);
            return CompletableFuture.completedFuture(
                    token.equals("good")
                            ? new TokenReviewer.Verdict.Valid(new User("token-user", "", List.of(), Map.of()))
                            : new TokenReviewer.Verdict.Invalid("no such token"));
        };
        return new Authentication(List.of(
                        new FrontProxyAuthenticator(() -> Optional.of(trust), () -> NOW),
                        new ClientCertificateAuthenticator(() -> Optional.of(trust.clientAuthorities()), () -> NOW),
                        new BearerAuthenticator(reviewer, List.of())))
                .authenticate(credentials);
    }

    private void assertRefused(Credentials credentials, String why) {
        assertThatThrownBy(() -> authenticate(credentials))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.reason()).isEqualTo(StatusException.Reason.UNAUTHORIZED))
                .hasMessageContaining(why);
    }

    private static ShownCredentials front() {
        return shown(PROXY, FRONT, "");
    }

    private static ShownCredentials shown(CertificateAuthority authority, String user, String group) {
        return new ShownCredentials(authority.signClient(user, group, NOW, HOUR).leaf());
    }

    private static ShownCredentials forged(ShownCredentials credentials) {
        return credentials.with("X-Remote-User", "admin").with("X-Remote-Group", User.MASTERS);
    }
}
