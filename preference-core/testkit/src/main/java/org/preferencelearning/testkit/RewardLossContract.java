package org.preferencelearning.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.RewardInputs;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.core.random.RandomSource;

/**
 * What every per-pair loss of reward models must satisfy. Extend it and return your loss from {@link #loss}; where it differs
 * on purpose, state it in {@link #exemptions}, with the reason.
 */
public abstract class RewardLossContract extends LossContract {
    private static final String CHOSEN = "chosen";
    private static final String REJECTED = "rejected";
    private static final List<String> COLUMNS = List.of(CHOSEN, REJECTED, MARGIN, WEIGHT);

    private @Nullable LossEvaluator evaluator;

    /** For subclasses. */
    protected RewardLossContract() {
        super(CHOSEN, REJECTED);
    }

    /** The loss under test. */
    protected abstract RewardLoss loss();

    @Test
    @DisplayName("A constant on both rewards changes nothing")
    void aConstantOnBothRewardsChangesNothing() {
        check(Law.SHIFT, () -> {
            Pairs pairs = near();
            double[] values = evaluate(pairs).perPair();
            double[] others = evaluate(pairs.plus(CHOSEN, 3).plus(REJECTED, 3)).perPair();
            for (int i = 0; i < pairs.size(); i++) {
                require(
                        Law.SHIFT,
                        equal(others[i], values[i]),
                        pairs.describe(i),
                        "with 3 more of both rewards the value is " + others[i],
                        values[i] + ", as without");
            }
        });
    }

    @Override
    final String name() {
        return loss().name();
    }

    @Override
    final boolean needsMargin() {
        return loss().needsMargin();
    }

    @Override
    final Set<Law> laws() {
        return EnumSet.range(Law.GRADIENT, Law.SHIFT);
    }

    @Override
    final LossValues evaluate(Pairs pairs) {
        if (evaluator == null) {
            evaluator = LossEvaluator.of(loss());
        }
        return evaluator.evaluate(new RewardInputs(
                pairs.column(CHOSEN), pairs.column(REJECTED), pairs.column(MARGIN), pairs.column(WEIGHT)));
    }

    @Override
    final Pairs near() {
        return combinations(new double[] {0, -1, -0.25, 0.25, 1}, new double[] {0.75, 2});
    }

    @Override
    final Pairs equal() {
        List<double[]> rows = new ArrayList<>();
        for (double reward : new double[] {0, -3, 2}) {
            rows.add(new double[] {reward, reward, 1, 1});
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs random() {
        RandomSource random = RandomSource.of(1);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(new double[] {
                3 * random.nextGaussian(), 3 * random.nextGaussian(), random.nextGaussian(), 0.5 + random.nextDouble()
            });
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs extreme() {
        return combinations(new double[] {0, 1e4, -1e4, 5e3, -5e3, 1e-300}, new double[] {0, 800, -800});
    }

    private static Pairs combinations(double[] rewards, double[] margins) {
        List<double[]> rows = new ArrayList<>();
        for (double chosen : rewards) {
            for (double rejected : rewards) {
                for (double margin : margins) {
                    rows.add(new double[] {chosen, rejected, margin, 1});
                }
            }
        }
        return new Pairs(COLUMNS, rows);
    }
}
