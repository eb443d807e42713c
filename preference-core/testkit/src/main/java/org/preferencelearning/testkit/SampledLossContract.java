package org.preferencelearning.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.random.RandomSource;

/** The laws that losses of sampled responses and of their tokens share. */
abstract class SampledLossContract extends ResponseLossContract {
    static final String BEHAVIOUR = "behaviour";
    static final String ADVANTAGE = "advantage";
    static final String TOKENS = "tokens";
    private static final List<String> COLUMNS = List.of(POLICY, BEHAVIOUR, ADVANTAGE, TOKENS, WEIGHT);

    SampledLossContract() {}

    @Test
    @DisplayName("Where the policy drew the response, the slope is against the advantage and in proportion to it")
    void theSlopeIsAgainstTheAdvantage() {
        check(Law.ADVANTAGE, () -> {
            Pairs rows = at(0);
            double[] slopes = evaluate(rows).gradient();
            double[] twice = evaluate(rows.times(ADVANTAGE, 2)).gradient();
            double[] none = evaluate(rows.times(ADVANTAGE, 0)).gradient();
            for (int i = 0; i < rows.size(); i++) {
                require(
                        Law.ADVANTAGE,
                        slopes[i] * rows.at(i, ADVANTAGE) < 0,
                        rows.describe(i),
                        "the gradient is " + slopes[i],
                        rows.at(i, ADVANTAGE) > 0 ? "below 0" : "above 0");
                require(
                        Law.ADVANTAGE,
                        equal(twice[i], 2 * slopes[i]) && none[i] == 0,
                        rows.describe(i),
                        "with twice the advantage the gradient is " + twice[i] + ", with none " + none[i],
                        2 * slopes[i] + " and 0");
            }
        });
    }

    @Test
    @DisplayName("A ratio that has gone far with the advantage has no slope, and one that has gone against it has one")
    void whatHasGoneFarHasNoSlope() {
        check(Law.CLIP, () -> {
            for (int direction : new int[] {-1, 1}) {
                Pairs rows = at(direction);
                double[] slopes = evaluate(rows).gradient();
                for (int i = 0; i < rows.size(); i++) {
                    double advantage = rows.at(i, ADVANTAGE);
                    boolean gone = direction * advantage > 0;
                    require(
                            Law.CLIP,
                            gone ? slopes[i] == 0 : slopes[i] * advantage < 0,
                            rows.describe(i),
                            "the gradient is " + slopes[i],
                            gone ? "0" : advantage > 0 ? "below 0" : "above 0");
                }
            }
        });
    }

    /** Rows whose log-ratio is so much a token, with either sign of the advantage. */
    private static Pairs at(double logRatio) {
        List<double[]> rows = new ArrayList<>();
        for (int tokens : new int[] {1, 3, 4}) {
            for (double advantage : new double[] {-2, -0.3, 0.4, 1.5}) {
                rows.add(new double[] {-9 + logRatio * tokens, -9, advantage, tokens, 1});
            }
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    Set<Law> laws() {
        return EnumSet.of(Law.GRADIENT, Law.FINITENESS, Law.WEIGHTS, Law.INDEPENDENCE, Law.ADVANTAGE, Law.CLIP);
    }

    @Override
    final Pairs random() {
        RandomSource random = RandomSource.of(1);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            double behaviour = -9 + 2 * random.nextGaussian();
            rows.add(new double[] {
                behaviour + 0.4 * random.nextGaussian(),
                behaviour,
                random.nextGaussian(),
                1 + random.nextInt(8),
                0.5 + random.nextDouble()
            });
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs extreme() {
        double[] sizes = {0, -1e4, -5e3, -1e-300};
        List<double[]> rows = new ArrayList<>();
        for (double policy : sizes) {
            for (double behaviour : sizes) {
                for (double advantage : new double[] {-100, 0, 100}) {
                    rows.add(new double[] {policy, behaviour, advantage, 1, 1});
                    rows.add(new double[] {policy, behaviour, advantage, 1000, 1});
                }
            }
        }
        return new Pairs(COLUMNS, rows);
    }
}
