package io.kpod.selector;

import java.util.regex.Pattern;

/** What keys and values of labels may look like (apimachinery util/validation). */
public final class LabelSyntax {
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern PREFIX =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    /** Of a key without its prefix, and of a value. */
    public static final int MAX_NAME = 63;

    private static final int MAX_PREFIX = 253;

    private LabelSyntax() {}

    /** The key itself: {@code [PREFIX/]NAME}, the prefix a DNS subdomain. */
    static String key(String key) throws MalformedSelectorException {
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        boolean prefixFine = slash < 0
                || (slash <= MAX_PREFIX
                        && PREFIX.matcher(key.substring(0, slash)).matches());
        if (!prefixFine || name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            throw new MalformedSelectorException("unable to parse requirement: key \"" + key
                    + "\": a label key is an optional DNS prefix and '/', then at most 63 of A-Z a-z 0-9 - _ . that start and "
                    + "end with a letter or digit");
        }
        return key;
    }

    /** The value itself: empty, or at most 63 characters. */
    static String value(String key, String value) throws MalformedSelectorException {
        if (!value.isEmpty()
                && (value.length() > MAX_NAME || !NAME.matcher(value).matches())) {
            throw new MalformedSelectorException(
                    "unable to parse requirement: value \"" + value + "\" of key \"" + key
                            + "\": a label value is empty or at most 63 of A-Z a-z 0-9 - _ . that start and end with a letter or digit");
        }
        return value;
    }
}
