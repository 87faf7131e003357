package io.kpod.apiserver.selector;

import io.kpod.selector.LabelSyntax;
import java.util.regex.Pattern;

/** Text that is asked for by a selector although a label value could not say it: a mount point, a device. */
public final class LabelText {
    private static final Pattern UNSAYABLE = Pattern.compile("[^-A-Za-z0-9_.]");
    private static final Pattern ENDS = Pattern.compile("^[-_.]+|[-_.]+$");

    private LabelText() {}

    /**
     * The label value by which a text is asked for: what can't be in one is {@code -}, as systemd names mount units; of
     * a text that is too long, its end. {@code /} is {@code root}, {@code /var/lib/data} is {@code var-lib-data}.
     */
    public static String of(String text) {
        String value = sayable(UNSAYABLE.matcher(text).replaceAll("-"));
        if (value.length() > LabelSyntax.MAX_NAME) {
            value = sayable(value.substring(value.length() - LabelSyntax.MAX_NAME));
        }
        return value.isEmpty() ? "root" : value;
    }

    private static String sayable(String value) {
        return ENDS.matcher(value).replaceAll("");
    }
}
