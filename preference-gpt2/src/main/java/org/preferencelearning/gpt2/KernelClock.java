package org.preferencelearning.gpt2;

import java.util.Map;
import java.util.TreeMap;

/** Where time goes: what the kernels of each name took. Costs less than a tenth of a microsecond a call. */
public final class KernelClock {
    /** Name that products with weights are counted under. */
    public static final String PRODUCTS = "matmul";

    /** Name of causal self-attention. */
    public static final String ATTENTION = "attention";

    private static final double NANOS = 1e9;

    private final Map<String, Long> nanos = new TreeMap<>();

    /** Runs {@code work} and counts its time under a name. */
    public void time(String kernel, Runnable work) {
        long start = System.nanoTime();
        work.run();
        nanos.merge(kernel, System.nanoTime() - start, Long::sum);
    }

    /** Seconds since the clock was made or last {@linkplain #reset reset}, by name in alphabetical order. */
    public Map<String, Double> seconds() {
        Map<String, Double> seconds = new TreeMap<>();
        nanos.forEach((kernel, time) -> seconds.put(kernel, time / NANOS));
        return seconds;
    }

    /** Begins again at 0. */
    public void reset() {
        nanos.clear();
    }
}
