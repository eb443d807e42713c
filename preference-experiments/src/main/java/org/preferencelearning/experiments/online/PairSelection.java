package org.preferencelearning.experiments.online;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.preferencelearning.core.error.SettingException;

/**
 * Which two of a prompt's annotated responses are compared: the public code's {@code choose_type}. Which of the two is
 * chosen is decided by their rewards afterwards.
 */
public enum PairSelection {
    /** The best against the worst; the published setting. */
    MAX_MIN,
    /** The best against the first of the others: the code's "random" other response. */
    MAX_RANDOM,
    /** The best against the second best. */
    MAX_MAX,
    /** As {@link #MAX_MIN} after subtracting the length penalty, in reward per token, from every reward. */
    MAX_MIN_P,
    /** The first two, which are as random as any two draws. */
    RANDOM,
    /**
     * The best of the first half against the worst of the second half. Reconstructed: the code's name alone is known to
     * this project.
     */
    MIXED_MAX_MIN;

    /**
     * The positions compared.
     *
     * @param rewards one a response, at least two
     * @param lengths in tokens
     * @param lengthPenalty reward subtracted per token, for {@link #MAX_MIN_P}
     */
    public PairSelector.Pair select(double[] rewards, int[] lengths, double lengthPenalty) {
        SettingException.requireAtLeast("responses", rewards.length, 2);
        double[] scores = rewards.clone();
        if (this == MAX_MIN_P) {
            for (int i = 0; i < scores.length; i++) {
                scores[i] -= lengthPenalty * lengths[i];
            }
        }
        int half = rewards.length / 2;
        return switch (this) {
            case MAX_MIN, MAX_MIN_P -> {
                int best = best(scores, 0, scores.length);
                int worst = worst(scores, 0, scores.length);
                // all equal: any other response
                yield new PairSelector.Pair(best, best == worst ? other(best) : worst);
            }
            case MAX_RANDOM -> {
                int best = best(scores, 0, scores.length);
                yield new PairSelector.Pair(best, other(best));
            }
            case MAX_MAX -> {
                List<Integer> order = IntStream.range(0, scores.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> scores[i])
                                .reversed())
                        .toList();
                yield new PairSelector.Pair(order.get(0), order.get(1));
            }
            case RANDOM -> new PairSelector.Pair(0, 1);
            case MIXED_MAX_MIN -> new PairSelector.Pair(best(scores, 0, half), worst(scores, half, scores.length));
        };
    }

    private static int other(int position) {
        return position == 0 ? 1 : 0;
    }

    /** The first of the largest, as NumPy's argmax. */
    private static int best(double[] values, int from, int to) {
        int best = from;
        for (int i = from + 1; i < to; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    private static int worst(double[] values, int from, int to) {
        int worst = from;
        for (int i = from + 1; i < to; i++) {
            if (values[i] < values[worst]) {
                worst = i;
            }
        }
        return worst;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
