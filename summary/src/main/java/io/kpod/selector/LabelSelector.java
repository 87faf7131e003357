package io.kpod.selector;

import java.util.List;
import java.util.Map;

/**
 * A label selector (apimachinery labels.Selector): all requirements must hold; none selects everything.
 *
 * @param requirements in the order in which they were written
 */
public record LabelSelector(List<LabelRequirement> requirements) {
    /** Selects everything. */
    public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /**
     * Reads the form of a query string: {@code app=a,tier in (x, y),!legacy,replicas>2}.
     *
     * @throws MalformedSelectorException with what was found and what was expected
     */
    public static LabelSelector parse(String text) throws MalformedSelectorException {
        return new LabelSelectorParser(text).parse();
    }

    /** Whether an object with these labels is selected. */
    public boolean matches(Map<String, String> labels) {
        for (LabelRequirement requirement : requirements) {
            if (!requirement.matches(labels)) {
                return false;
            }
        }
        return true;
    }
}
