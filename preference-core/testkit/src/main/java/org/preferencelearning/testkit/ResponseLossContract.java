package org.preferencelearning.testkit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.ResponseLossValues;

/** The laws that losses of single responses or tokens share. */
abstract class ResponseLossContract extends LawContract {
    static final String POLICY = "policy";
    static final String WEIGHT = "weight";

    ResponseLossContract() {}

    abstract ResponseLossValues evaluate(Pairs rows);

    /** Rows of ordinary size. */
    abstract Pairs random();

    /** Every combination of the smallest and largest inputs. */
    abstract Pairs extreme();

    final Slopes slopes(Pairs rows, String column) {
        return Slopes.of(rows, column, moved -> evaluate(moved).perResponse());
    }

    @Test
    @DisplayName("Gradients equal central differences")
    void gradientsEqualCentralDifferences() {
        check(Law.GRADIENT, () -> {
            Pairs rows = random();
            double[] analytic = evaluate(rows).gradient();
            double[] numeric = slopes(rows, POLICY).values();
            for (int i = 0; i < rows.size(); i++) {
                double expected = rows.at(i, WEIGHT) * numeric[i];
                double scale = Math.max(1e-3, Math.max(Math.abs(expected), Math.abs(analytic[i])));
                require(
                        Law.GRADIENT,
                        Math.abs(expected - analytic[i]) / scale < 1e-5,
                        rows.describe(i),
                        "the gradient is " + analytic[i],
                        expected + ", by central differences");
            }
        });
    }

    @Test
    @DisplayName("Values and gradients are finite for inputs of any size")
    void extremeInputsGiveFiniteValuesAndGradients() {
        check(Law.FINITENESS, () -> {
            Pairs rows = extreme();
            ResponseLossValues values = evaluate(rows);
            for (int i = 0; i < rows.size(); i++) {
                double value = values.perResponse()[i];
                double gradient = values.gradient()[i];
                require(
                        Law.FINITENESS,
                        Double.isFinite(value) && Double.isFinite(gradient),
                        rows.describe(i),
                        String.format("the value is %s, its gradient %s", value, gradient),
                        "finite numbers");
            }
        });
    }

    @Test
    @DisplayName("Weights scale gradients and not values")
    void weightsScaleGradientsAndNotValues() {
        check(Law.WEIGHTS, () -> {
            Pairs once = random();
            ResponseLossValues values = evaluate(once);
            ResponseLossValues more = evaluate(once.times(WEIGHT, 3));
            for (int i = 0; i < once.size(); i++) {
                require(
                        Law.WEIGHTS,
                        equal(more.perResponse()[i], values.perResponse()[i])
                                && equal(more.gradient()[i], 3 * values.gradient()[i]),
                        once.describe(i),
                        String.format(
                                "with three times the weight, value and gradient are %s, %s",
                                more.perResponse()[i], more.gradient()[i]),
                        String.format("%s, %s", values.perResponse()[i], 3 * values.gradient()[i]));
            }
        });
    }

    @Test
    @DisplayName("A loss does not depend on what the policy says of others, nor on their order")
    void aLossDoesNotDependOnTheOthers() {
        check(Law.INDEPENDENCE, () -> {
            Pairs rows = random();
            try {
                double[] together = evaluate(rows).perResponse();
                double[] reversed = evaluate(rows.reversed()).perResponse();
                double[] others = evaluate(rows.plusAfterFirst(POLICY, -0.7)).perResponse();
                require(
                        Law.INDEPENDENCE,
                        equal(others[0], together[0]),
                        rows.describe(0),
                        "with 0.7 less " + POLICY + " of all others the value is " + others[0],
                        together[0] + ", as without");
                for (int i = 0; i < rows.size(); i++) {
                    double last = reversed[rows.size() - 1 - i];
                    require(
                            Law.INDEPENDENCE,
                            equal(last, together[i]),
                            rows.describe(i),
                            "the value is " + together[i],
                            last + ", as in the reverse order");
                }
            } catch (SettingException e) { // of LossEvaluator, for another shape
                require(
                        Law.INDEPENDENCE,
                        false,
                        rows.size() + " rows",
                        String.valueOf(e.getMessage()),
                        "one value each");
            }
        });
    }
}
