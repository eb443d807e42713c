package org.preferencelearning.gpt2.conformance;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * The outcome of a conformance run.
 *
 * @param entries what was compared, in the order of the recorded values
 * @param unsupported recorded values that this library does not compute
 * @param leftOut values that could not be compared because something is missing, each with what that is
 */
public record ConformanceReport(List<Entry> entries, List<String> unsupported, List<String> leftOut) {
    public ConformanceReport {
        entries = ImmutableList.copyOf(entries);
        unsupported = ImmutableList.copyOf(unsupported);
        leftOut = ImmutableList.copyOf(leftOut);
    }

    /** Whether everything that was compared is within its tolerance, and at least one value was. */
    public boolean passed() {
        return !entries.isEmpty() && entries.stream().allMatch(Entry::passed);
    }

    /** The entries outside their tolerance. */
    public List<Entry> failures() {
        return entries.stream().filter(entry -> !entry.passed()).toList();
    }

    /**
     * One recorded value or array of values.
     *
     * @param name its path in {@code golden.json}
     * @param absolute largest absolute error; where each value has a tolerance of its own, that of the value that comes nearest
     *     to it
     * @param relative largest relative error, against the size of the recorded value, for gradients against the norm of the tensor
     * @param tolerance what is allowed, for the error that {@code bound} names
     */
    public record Entry(String name, double absolute, double relative, Bound bound, double tolerance) {
        /** Whether the bounded error is within the tolerance; NaN is not. */
        public boolean passed() {
            return (bound == Bound.ABSOLUTE ? absolute : relative) <= tolerance;
        }
    }

    /** Which error a tolerance bounds. */
    public enum Bound {
        ABSOLUTE,
        RELATIVE
    }
}
