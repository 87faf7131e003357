package io.kpod.apiserver.authn;

import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who sent a request (authentication/v1 UserInfo). */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {
    /** Everyone who proved a name is in this group. */
    public static final String AUTHENTICATED = "system:authenticated";

    private static final String UNAUTHENTICATED = "system:unauthenticated";

    /** The group that may do everything. */
    public static final String MASTERS = "system:masters";

    /** Whoever proved nothing. */
    public static final User ANONYMOUS = new User("system:anonymous", "", List.of("system:unauthenticated"), Map.of());

    private static final String ATTRIBUTE = User.class.getName();

    public User {
        groups = List.copyOf(groups);
        Map<String, List<String>> copy = new HashMap<>();
        extra.forEach((key, values) -> copy.put(key, List.copyOf(values)));
        extra = Map.copyOf(copy);
    }

    /**
     * The same user, in {@code system:authenticated} too unless it is nobody (apiserver NewAuthenticatedGroupAdder).
     */
    public User authenticated() {
        if (isAnonymous() || groups.contains(AUTHENTICATED) || groups.contains(UNAUTHENTICATED)) {
            return this;
        }
        List<String> all = new ArrayList<>(groups);
        all.add(AUTHENTICATED);
        return new User(name, uid, all, extra);
    }

    /** Whether nobody is behind the request. */
    public boolean isAnonymous() {
        return name.equals(ANONYMOUS.name);
    }

    /** The user that authentication put into the request. */
    public static User of(Context context) {
        User user = context.attribute(ATTRIBUTE);
        if (user == null) {
            throw new IllegalStateException("no user in " + context.path() + ": authentication has not run");
        }
        return user;
    }

    /** Puts this user into the request. */
    public void into(Context context) {
        context.attribute(ATTRIBUTE, this);
    }
}
