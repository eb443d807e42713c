package org.preferencelearning.experiments.exact;

import java.util.Locale;
import java.util.function.DoubleFunction;

/** Draws, over beta and the reward's scale, which of two methods has the larger value. */
public final class WinnerMap {
    private static final double[] REWARDS = {0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4};
    private static final double[] BETAS = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1};
    private static final double RESOLUTION = 1e-6;

    private WinnerMap() {}

    /** A study for each scale of the reward and beta. */
    @FunctionalInterface
    public interface Family {
        ExactStudy at(double reward, double beta);
    }

    /**
     * A text map: rows are betas, columns rewards; {@code +} where the first is better, {@code -} where the second is,
     * {@code =} where they are equal.
     */
    public static String draw(Family family, String first, String second) {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%s against %s: + first better, - second better, = equal%n", first, second));
        row(text, "beta \\ R", reward -> String.format(Locale.ROOT, "%5.2f", reward));
        for (double beta : BETAS) {
            row(text, String.format(Locale.ROOT, "%8.2f", beta), reward -> {
                ExactStudy study = family.at(reward, beta);
                double difference = study.value(first) - study.value(second);
                return Math.abs(difference) <= RESOLUTION ? "    =" : difference > 0 ? "    +" : "    -";
            });
        }
        return text.toString();
    }

    private static void row(StringBuilder text, String head, DoubleFunction<String> cell) {
        text.append(head);
        for (double reward : REWARDS) {
            text.append(' ').append(cell.apply(reward));
        }
        text.append(System.lineSeparator());
    }
}
