package io.kpod.apiserver.value;

import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.selector.GoDuration;
import io.kpod.apiserver.status.StatusException;
import io.kpod.summary.ServedMetric;
import io.kpod.summary.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Refuses a choice and lists what can be chosen. */
record Refusal(ServedMetric served, Asking asking, WindowLength windows) {
    StatusException because(String problem) {
        List<String> allowed = new ArrayList<>();
        if (served.form() == ServedMetric.Form.SELECTED_STAT) {
            List<String> stats = Arrays.stream(Stat.values()).map(Stat::label).toList();
            allowed.add(asking.key(ValueChoice.STAT) + " (" + String.join(", ", stats) + ")");
        }
        if (served.form() != ServedMetric.Form.VALUE) {
            allowed.add(asking.key(ValueChoice.WINDOW) + " (" + GoDuration.format(WindowLength.SHORTEST) + " to "
                    + GoDuration.format(windows.longest()) + ")");
        }
        allowed.add(asking.key(ValueChoice.CONTAINER));
        List<String> values = served.metric().labelValues();
        for (String own : served.metric().labels()) {
            allowed.add(asking.key(own) + (values.isEmpty() ? "" : " (" + String.join(", ", values) + ")"));
        }
        return new StatusException(
                StatusException.Reason.BAD_REQUEST,
                asking.parameter() + " of " + served.name() + ": " + problem + "; allowed are "
                        + String.join(", ", allowed));
    }
}
