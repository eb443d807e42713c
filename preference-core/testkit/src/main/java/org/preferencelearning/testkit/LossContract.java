package org.preferencelearning.testkit;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.LossValues;

/** The laws that preference losses and reward losses share. */
abstract class LossContract extends LawContract {
    static final String MARGIN = "margin";
    static final String WEIGHT = "weight";

    private static final double OTHER_MARGIN = 1.25;

    /** The columns that the gradients are by. */
    private final String chosen;

    private final String rejected;

    LossContract(String chosen, String rejected) {
        this.chosen = chosen;
        this.rejected = rejected;
    }

    abstract boolean needsMargin();

    abstract LossValues evaluate(Pairs pairs);

    /** Pairs around equality, with positive margins. */
    abstract Pairs near();

    /** Pairs whose two responses have the same numbers. */
    abstract Pairs equal();

    /** Pairs of ordinary size. */
    abstract Pairs random();

    /** Every combination of the smallest and largest inputs. */
    abstract Pairs extreme();

    @Test
    @DisplayName("Gradients equal central differences")
    void gradientsEqualCentralDifferences() {
        check(Law.GRADIENT, () -> {
            Pairs pairs = random();
            LossValues values = evaluate(pairs);
            for (String column : new String[] {chosen, rejected}) {
                double[] analytic = gradient(values, column);
                double[] numeric = slopes(pairs, column).values();
                for (int i = 0; i < pairs.size(); i++) {
                    double expected = pairs.at(i, WEIGHT) * numeric[i];
                    double scale = Math.max(1e-3, Math.max(Math.abs(expected), Math.abs(analytic[i])));
                    require(
                            Law.GRADIENT,
                            Math.abs(expected - analytic[i]) / scale < 1e-5,
                            pairs.describe(i),
                            "the gradient by " + column + " is " + analytic[i],
                            expected + ", by central differences");
                }
            }
        });
    }

    @Test
    @DisplayName("Values and gradients are finite for inputs of any size")
    void extremeInputsGiveFiniteValuesAndGradients() {
        check(Law.FINITENESS, () -> {
            Pairs pairs = extreme();
            LossValues values = evaluate(pairs);
            for (int i = 0; i < pairs.size(); i++) {
                double value = values.perPair()[i];
                double byChosen = values.chosenGradient()[i];
                double byRejected = values.rejectedGradient()[i];
                require(
                        Law.FINITENESS,
                        Double.isFinite(value) && Double.isFinite(byChosen) && Double.isFinite(byRejected),
                        pairs.describe(i),
                        String.format(
                                "the value is %s, its gradients by %s and %s are %s and %s",
                                value, chosen, rejected, byChosen, byRejected),
                        "finite numbers");
            }
        });
    }

    @Test
    @DisplayName("A pair's loss does not depend on the other pairs or their order")
    void aPairsLossDoesNotDependOnTheOthers() {
        check(Law.INDEPENDENCE, () -> {
            Pairs pairs = random().first(8);
            try {
                double[] together = evaluate(pairs).perPair();
                double[] reversed = evaluate(pairs.reversed()).perPair();
                for (int i = 0; i < pairs.size(); i++) {
                    double alone = evaluate(pairs.only(i)).perPair()[0];
                    String at = pairs.describe(i);
                    String found = "the value is " + together[i] + " as pair " + i + " of " + pairs.size();
                    require(Law.INDEPENDENCE, equal(alone, together[i]), at, found, alone + ", as alone");
                    double last = reversed[pairs.size() - 1 - i];
                    require(Law.INDEPENDENCE, equal(last, together[i]), at, found, last + ", as in the reverse order");
                }
            } catch (SettingException e) { // of LossEvaluator, for another shape
                require(
                        Law.INDEPENDENCE,
                        false,
                        pairs.size() + " pairs",
                        String.valueOf(e.getMessage()),
                        "one value per pair");
            }
        });
    }

    @Test
    @DisplayName("Weights scale gradients and not values")
    void weightsScaleGradientsAndNotValues() {
        check(Law.WEIGHTS, () -> {
            Pairs once = random();
            LossValues values = evaluate(once);
            LossValues more = evaluate(once.times(WEIGHT, 3));
            for (int i = 0; i < once.size(); i++) {
                require(
                        Law.WEIGHTS,
                        equal(more.perPair()[i], values.perPair()[i])
                                && equal(more.chosenGradient()[i], 3 * values.chosenGradient()[i])
                                && equal(more.rejectedGradient()[i], 3 * values.rejectedGradient()[i]),
                        once.describe(i),
                        String.format(
                                "with three times the weight, value and gradients are %s, %s, %s",
                                more.perPair()[i], more.chosenGradient()[i], more.rejectedGradient()[i]),
                        String.format(
                                "%s, %s, %s",
                                values.perPair()[i], 3 * values.chosenGradient()[i], 3 * values.rejectedGradient()[i]));
            }
        });
    }

    @Test
    @DisplayName("The loss falls where the chosen response becomes likelier")
    void theLossFallsWithTheChosen() {
        check(Law.CHOSEN_SLOPE, () -> slope(Law.CHOSEN_SLOPE, chosen, -1));
    }

    @Test
    @DisplayName("The loss rises where the rejected response becomes likelier")
    void theLossRisesWithTheRejected() {
        check(Law.REJECTED_SLOPE, () -> slope(Law.REJECTED_SLOPE, rejected, 1));
    }

    @Test
    @DisplayName("Two responses of the same numbers pull equally, in opposite directions")
    void equalResponsesPullEqually() {
        check(Law.MIRROR, () -> {
            Pairs pairs = equal();
            LossValues values = evaluate(pairs);
            for (int i = 0; i < pairs.size(); i++) {
                require(
                        Law.MIRROR,
                        equal(values.rejectedGradient()[i], -values.chosenGradient()[i]),
                        pairs.describe(i),
                        "the gradient by " + rejected + " is " + values.rejectedGradient()[i],
                        -values.chosenGradient()[i] + ", minus that by " + chosen);
            }
        });
    }

    @Test
    @DisplayName("The margin is read where it is declared, and only there")
    void theMarginIsReadAsDeclared() {
        check(Law.MARGIN, () -> {
            Pairs pairs = near();
            double[] values = evaluate(pairs).perPair();
            double[] others = evaluate(pairs.plus(MARGIN, OTHER_MARGIN)).perPair();
            String change = "with %s more margin the value goes from %s to %s";
            if (needsMargin()) {
                require(
                        Law.MARGIN,
                        !Arrays.equals(values, others),
                        pairs.describe(0),
                        String.format(change, OTHER_MARGIN, values[0], others[0]) + ", and none of " + pairs.size()
                                + " pairs changes",
                        "another value, as needsMargin() is true");
            } else {
                requireSame(Law.MARGIN, pairs, values, others, OTHER_MARGIN + " more margin", "needsMargin()");
            }
        });
    }

    @Test
    @DisplayName("A larger margin asks for at least as much")
    void aLargerMarginAsksForMore() {
        check(Law.MARGIN_SLOPE, () -> {
            Pairs pairs = near();
            double[] slopes = evaluate(pairs).chosenGradient();
            double[] others = evaluate(pairs.plus(MARGIN, OTHER_MARGIN)).chosenGradient();
            for (int i = 0; i < pairs.size(); i++) {
                require(
                        Law.MARGIN_SLOPE,
                        others[i] <= slopes[i] || equal(others[i], slopes[i]),
                        pairs.describe(i),
                        String.format("with %s more margin the gradient by %s is %s", OTHER_MARGIN, chosen, others[i]),
                        "at most " + slopes[i] + ", as without");
            }
        });
    }

    /** Fails where a value changed although the loss declares that it does not need what was changed. */
    final void requireSame(Law law, Pairs pairs, double[] values, double[] others, String change, String declaration) {
        for (int i = 0; i < pairs.size(); i++) {
            require(
                    law,
                    values[i] == others[i],
                    pairs.describe(i),
                    "with " + change + " the value is " + others[i],
                    values[i] + ", as without, because " + declaration + " is false");
        }
    }

    /** Slopes of the values along a column, by central differences, and what rounding may add to them. */
    final Slopes slopes(Pairs pairs, String column) {
        return Slopes.of(pairs, column, rows -> evaluate(rows).perPair());
    }

    private void slope(Law law, String column, int sign) {
        Pairs pairs = near();
        double[] analytic = gradient(evaluate(pairs), column);
        Slopes numeric = slopes(pairs, column);
        for (int i = 0; i < pairs.size(); i++) {
            require(
                    law,
                    sign * analytic[i] > 0 && sign * numeric.values()[i] > numeric.noise()[i],
                    pairs.describe(i),
                    String.format(
                            "the slope by %s is %s, by central differences %s",
                            column, analytic[i], numeric.values()[i]),
                    sign < 0 ? "below 0" : "above 0");
        }
    }

    private double[] gradient(LossValues values, String column) {
        return column.equals(chosen) ? values.chosenGradient() : values.rejectedGradient();
    }
}
