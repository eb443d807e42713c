package org.preferencelearning.examples;

import static org.preferencelearning.experiments.dsl.Studies.exactStudy;
import static org.preferencelearning.experiments.dsl.Studies.linearIn;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.pilaf;
import static org.preferencelearning.experiments.dsl.Studies.populationDpo;
import static org.preferencelearning.experiments.dsl.Studies.rlhf;

import java.util.Arrays;
import java.util.Locale;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;

/** Seconds that each method takes as the number of responses and of features grows. */
final class ExactCost {
    private static final int[] RESPONSES = {4, 16, 64, 256};
    private static final int[] FEATURES = {2, 8};
    private static final int RUNS = 3;

    private ExactCost() {}

    static String measure(long seed) {
        ExactMethod[] methods = {rlhf(), populationDpo(), onlineDpo(pilaf())};
        StringBuilder text = new StringBuilder("Seconds of one fit, median of 3, by responses |Y| and features d\n\n");
        text.append(String.format("%6s %4s", "|Y|", "d"));
        for (ExactMethod method : methods) {
            text.append(String.format(" %20s", method.label()));
        }
        text.append(System.lineSeparator());
        for (int features : FEATURES) {
            for (int responses : RESPONSES) {
                text.append(String.format("%6d %4d", responses, features));
                for (ExactMethod method : methods) {
                    text.append(String.format(
                            Locale.ROOT,
                            " %20.4f",
                            median(study(responses, features, seed).compare(method), method.label())));
                }
                text.append(System.lineSeparator());
            }
        }
        return text.toString();
    }

    private static double median(ExactStudy study, String method) {
        double[] seconds = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            long start = System.nanoTime();
            study.value(method);
            seconds[run] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[RUNS / 2];
    }

    private static ExactStudy study(int responses, int features, long seed) {
        RandomSource random = RandomSource.of(seed).stream(responses + " x " + features);
        double[] reward = new double[responses];
        Arrays.setAll(reward, y -> random.nextGaussian());
        double[][] psi = new double[responses][features];
        for (double[] row : psi) {
            Arrays.setAll(row, k -> random.nextGaussian());
        }
        return exactStudy("cost", 0.5, reward).policies(linearIn(psi)).rewards(linearIn(psi));
    }
}
