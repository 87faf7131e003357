package io.kpod.apiserver.authz;

import io.kpod.apiserver.authn.User;

/**
 * {@code system:masters} may do everything, nobody else anything: the whole of authorisation where no kube-apiserver
 * is.
 */
public final class MastersAuthorizer implements Authorizer {
    @Override
    public Decision authorize(User user, RequestInfo request) {
        return user.groups().contains(User.MASTERS)
                ? new Decision.Allowed()
                : new Decision.Denied("only group " + User.MASTERS + " is let in stand-alone");
    }
}
