package io.kpod.apiserver.value;

import io.kpod.apiserver.status.StatusException;
import io.kpod.selector.LabelRequirement;
import io.kpod.selector.LabelSelector;
import io.kpod.selector.MalformedSelectorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** In which parameter, and by which keys of it, a request chooses a value. */
public enum Asking {
    /** custom.metrics.k8s.io: the whole selector chooses. */
    CUSTOM("metricLabelSelector", ""),
    /** external.metrics.k8s.io: one selector for both, so that keys of kpod choose and all others select pods. */
    EXTERNAL("labelSelector", "kpod.io/");

    private static final int LONGEST = 16 * 1024;

    private final String parameter;
    private final String prefix;

    Asking(String parameter, String prefix) {
        this.parameter = parameter;
        this.prefix = prefix;
    }

    /** The query parameter. */
    public String parameter() {
        return parameter;
    }

    /** {@code window}, or {@code kpod.io/window}. */
    public String key(String plain) {
        return prefix + plain;
    }

    /** The requirements that choose a value. */
    public List<LabelRequirement> choosing(LabelSelector selector) {
        return selector.requirements().stream()
                .filter(requirement -> requirement.key().startsWith(prefix))
                .toList();
    }

    /** What selects pods: the rest. */
    public LabelSelector selecting(LabelSelector selector) {
        return new LabelSelector(selector.requirements().stream()
                .filter(requirement -> !requirement.key().startsWith(prefix))
                .toList());
    }

    /** The key without its prefix. */
    String plain(LabelRequirement requirement) {
        return requirement.key().substring(prefix.length());
    }

    /**
     * Reads a selector of a request.
     *
     * @param text null: there is none
     * @throws StatusException 400 if it can't be read
     */
    public static LabelSelector selector(String parameter, @Nullable String text) {
        if (text == null) {
            return LabelSelector.EVERYTHING;
        }
        if (text.length() > LONGEST) {
            throw badRequest(parameter + " has " + text.length() + " characters; at most " + LONGEST + " are read");
        }
        try {
            return LabelSelector.parse(text);
        } catch (MalformedSelectorException e) {
            throw badRequest(parameter + ": " + e.getMessage());
        }
    }

    private static StatusException badRequest(String message) {
        return new StatusException(StatusException.Reason.BAD_REQUEST, message);
    }
}
