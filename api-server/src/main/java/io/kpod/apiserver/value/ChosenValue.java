package io.kpod.apiserver.value;

/** A number that was chosen by a request, as a row of a table. */
public interface ChosenValue {
    /** What was asked for. */
    ValueChoice choice();

    /** What there is. */
    Value.Present value();
}
