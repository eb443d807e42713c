package org.preferencelearning.core.internal.runtime;

import java.io.PrintStream;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Differentiates SameDiff graphs without a word on standard output, where ND4J prints a line for each operation. What other
 * threads print meanwhile, and what else this one does, goes where it went before.
 */
public final class QuietGradients {
    private static final Object LOCK = new Object();
    /** How many calls are under way. */
    private static int calls;

    private QuietGradients() {}

    /**
     * Adds to {@code graph} the function {@code "grad"}, as {@link SameDiff#createGradFunction(String...)} does.
     *
     * @param variables names of what to differentiate by, beside the graph's own trainable variables
     */
    public static void create(SameDiff graph, String... variables) {
        NativeRuntime.prepare();
        quietly(() -> graph.createGradFunction(variables));
    }

    /** Runs {@code work}; ND4J's lines of this thread are dropped meanwhile. */
    static void quietly(Runnable work) {
        begin();
        DifferentiationFilter.drop(true);
        try {
            work.run();
        } finally {
            DifferentiationFilter.drop(false);
            end();
        }
    }

    private static void begin() {
        synchronized (LOCK) {
            calls++;
            PrintStream out = System.out;
            if (!(out instanceof DifferentiationFilter)) {
                System.setOut(new DifferentiationFilter(out));
            }
        }
    }

    /** The last call puts back the stream that was there, unless somebody has put another in its place since. */
    private static void end() {
        synchronized (LOCK) {
            calls--;
            if (calls == 0 && System.out instanceof DifferentiationFilter filter) {
                System.setOut(filter.original());
            }
        }
    }
}
