package org.preferencelearning.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.random.RandomSource;

/**
 * What every per-pair preference loss must satisfy. Extend it, return your loss from {@link #loss}, and JUnit runs a test for
 * each {@link Law}. Where your loss differs on purpose, state it in {@link #exemptions}, with the reason.
 */
public abstract class PreferenceLossContract extends LossContract {
    private static final double BETA = 0.1;
    private static final double OTHER_BETA = 0.3;

    private static final String POLICY_CHOSEN = "policyChosen";
    private static final String POLICY_REJECTED = "policyRejected";
    private static final String REFERENCE_CHOSEN = "referenceChosen";
    private static final String REFERENCE_REJECTED = "referenceRejected";
    private static final String CHOSEN_TOKENS = "chosenTokens";
    private static final String REJECTED_TOKENS = "rejectedTokens";
    private static final String CHOSEN_ALIGNED = "chosenAligned";
    private static final String REJECTED_ALIGNED = "rejectedAligned";
    private static final List<String> COLUMNS = List.of(
            POLICY_CHOSEN,
            POLICY_REJECTED,
            REFERENCE_CHOSEN,
            REFERENCE_REJECTED,
            CHOSEN_TOKENS,
            REJECTED_TOKENS,
            MARGIN,
            WEIGHT,
            CHOSEN_ALIGNED,
            REJECTED_ALIGNED);

    private @Nullable LossEvaluator evaluator;

    /** For subclasses. */
    protected PreferenceLossContract() {
        super(POLICY_CHOSEN, POLICY_REJECTED);
    }

    /** The loss under test, made with a beta; called with more than one. */
    protected abstract PreferenceLoss loss(double beta);

    /** Largest absolute log-ratio that the loss must survive; lower it for losses that grow exponentially. */
    protected double largestLogRatio() {
        return 1e4;
    }

    @Test
    @DisplayName("The loss rises with the reference's log-probability of chosen, if it needs a reference")
    void theReferenceOfChosenIsReadAsDeclared() {
        check(Law.CHOSEN_REFERENCE, () -> reference(Law.CHOSEN_REFERENCE, REFERENCE_CHOSEN, 1));
    }

    @Test
    @DisplayName("The loss falls with the reference's log-probability of rejected, if it needs a reference")
    void theReferenceOfRejectedIsReadAsDeclared() {
        check(Law.REJECTED_REFERENCE, () -> reference(Law.REJECTED_REFERENCE, REFERENCE_REJECTED, -1));
    }

    @Test
    @DisplayName("What policy and reference share does not matter")
    void aConstantOnPolicyAndReferenceChangesNothing() {
        check(Law.INVARIANCE, () -> {
            for (double amount : new double[] {-0.75, 3}) {
                invariance(POLICY_CHOSEN, REFERENCE_CHOSEN, amount);
                invariance(POLICY_REJECTED, REFERENCE_REJECTED, amount);
            }
        });
    }

    @Test
    @DisplayName("Beta is declared and used")
    void betaIsDeclaredAndUsed() {
        check(Law.BETA, () -> {
            for (double beta : new double[] {BETA, OTHER_BETA}) {
                double declared = loss(beta).beta();
                require(Law.BETA, declared == beta, "loss(" + beta + ")", "beta() is " + declared, "" + beta);
            }
            Pairs pairs = near();
            LossValues values = evaluate(pairs);
            LossValues others = LossEvaluator.of(loss(OTHER_BETA)).evaluate(inputs(pairs));
            String found = "for beta %s and %s, the %s is %s and %s";
            for (int i = 0; i < pairs.size(); i++) {
                double chosen = pairs.at(i, POLICY_CHOSEN) - pairs.at(i, REFERENCE_CHOSEN);
                double rejected = pairs.at(i, POLICY_REJECTED) - pairs.at(i, REFERENCE_REJECTED);
                double value = values.perPair()[i];
                double other = others.perPair()[i];
                // Where a log-ratio or their difference is 0, so may be what beta scales.
                require(
                        Law.BETA,
                        chosen == 0 || rejected == 0 || chosen == rejected || !close(value, other),
                        pairs.describe(i),
                        String.format(found, BETA, OTHER_BETA, "value", value, other),
                        "two values");
                double slope = values.chosenGradient()[i];
                double otherSlope = others.chosenGradient()[i];
                require(
                        Law.BETA,
                        !close(slope, otherSlope),
                        pairs.describe(i),
                        String.format(found, BETA, OTHER_BETA, "gradient by " + POLICY_CHOSEN, slope, otherSlope),
                        "two gradients");
            }
        });
    }

    @Test
    @DisplayName("The tail's weight is a share")
    void theTailsWeightIsAShare() {
        double weight = loss(BETA).tailWeight();
        Assertions.assertTrue(
                weight >= 0 && weight <= 1,
                () -> "loss '" + name() + "' has tailWeight() " + weight + "; allowed: 0 to 1");
    }

    @Test
    @DisplayName("A loss is declared batch-wise where it is exempt from INDEPENDENCE, and only there")
    void whatComparesPairsIsDeclared() {
        boolean declared = loss(BETA).batchWise();
        Assertions.assertEquals(
                exemptions().containsKey(Law.INDEPENDENCE),
                declared,
                () -> "loss '" + name() + "' has batchWise() " + declared
                        + "; a loss is batch-wise if and only if it is exempt from law INDEPENDENCE");
    }

    @Test
    @DisplayName("A response's number of tokens acts on that response alone")
    void tokenCountsActOnTheirOwnResponse() {
        check(Law.TOKEN_COUNTS, () -> {
            double[][] chosen = {{-19.5, -20, 4}, {-9.4, -9, 6}};
            double[][] rejected = {{-20.5, -20.25, 5}, {-33.75, -33, 3}, {-7.5, -7.75, 11}};
            List<double[]> rows = new ArrayList<>();
            for (double[] c : chosen) {
                for (double[] r : rejected) {
                    rows.add(new double[] {c[0], r[0], c[1], r[1], c[2], r[2], 1, 1, -0.7, -0.4});
                }
            }
            Pairs pairs = new Pairs(COLUMNS, rows);
            ownTokens(pairs, POLICY_CHOSEN, CHOSEN_TOKENS, i -> i - i % rejected.length);
            ownTokens(pairs, POLICY_REJECTED, REJECTED_TOKENS, i -> i % rejected.length);
        });
    }

    @Test
    @DisplayName("Aligned log-probabilities are read where that is declared, and a likelier pair then counts more")
    void alignedLogProbabilitiesAreReadAsDeclared() {
        check(Law.ALIGNED, () -> {
            Pairs pairs = near();
            LossValues values = evaluate(pairs);
            for (String column : new String[] {CHOSEN_ALIGNED, REJECTED_ALIGNED}) {
                LossValues others = evaluate(pairs.plus(column, 0.5));
                if (!loss(BETA).needsAligned()) {
                    requireSame(
                            Law.ALIGNED,
                            pairs,
                            values.perPair(),
                            others.perPair(),
                            "0.5 more " + column,
                            "needsAligned()");
                    continue;
                }
                for (int i = 0; i < pairs.size(); i++) {
                    double slope = Math.abs(values.chosenGradient()[i]);
                    double other = Math.abs(others.chosenGradient()[i]);
                    require(
                            Law.ALIGNED,
                            other > slope,
                            pairs.describe(i),
                            "with 0.5 more " + column + " the gradient by " + POLICY_CHOSEN + " has size " + other,
                            "more than " + slope + ", as without, because needsAligned() is true");
                }
            }
        });
    }

    /** Compares each row with the first one that has the same numbers for this response and others for the other response. */
    private void ownTokens(Pairs pairs, String policy, String tokens, IntUnaryOperator first) {
        Slopes byTokens = slopes(pairs, tokens);
        Slopes relative = byTokens.per(slopes(pairs, policy));
        if (byTokens.differing(first) < 0) {
            return;
        }
        int differs = relative.differing(first);
        if (differs >= 0) {
            int other = first.applyAsInt(differs);
            require(
                    Law.TOKEN_COUNTS,
                    false,
                    pairs.describe(differs),
                    String.format(
                            "the slope by %s is %s, %s times that by %s",
                            tokens, byTokens.values()[differs], relative.values()[differs], policy),
                    String.format(
                            "%s or %s times, as at %s: the other response does not matter to %s",
                            byTokens.values()[other], relative.values()[other], pairs.describe(other), tokens));
        }
    }

    /** To the precision of a central difference. */
    private static boolean close(double one, double other) {
        return Math.abs(one - other) <= 1e-6 * Math.max(1e-3, Math.max(Math.abs(one), Math.abs(other)));
    }

    private void reference(Law law, String column, int sign) {
        Pairs pairs = near();
        if (!loss(BETA).needsReference()) {
            double[] others = evaluate(pairs.plus(column, 1.5)).perPair();
            requireSame(law, pairs, evaluate(pairs).perPair(), others, "1.5 more " + column, "needsReference()");
            return;
        }
        Slopes slopes = slopes(pairs, column);
        for (int i = 0; i < pairs.size(); i++) {
            require(
                    law,
                    sign * slopes.values()[i] > slopes.noise()[i],
                    pairs.describe(i),
                    "the slope by " + column + " is " + slopes.values()[i] + ", by central differences",
                    (sign < 0 ? "below 0" : "above 0") + ", as needsReference() is true");
        }
    }

    private void invariance(String policy, String reference, double amount) {
        Pairs pairs = near();
        double[] values = evaluate(pairs).perPair();
        double[] others =
                evaluate(pairs.plus(policy, amount).plus(reference, amount)).perPair();
        for (int i = 0; i < pairs.size(); i++) {
            require(
                    Law.INVARIANCE,
                    Math.abs(others[i] - values[i]) <= 1e-9 * (1 + Math.abs(values[i])),
                    pairs.describe(i),
                    String.format("with %s more %s and %s the value is %s", amount, policy, reference, others[i]),
                    values[i] + ", as without");
        }
    }

    @Override
    final String name() {
        return loss(BETA).name();
    }

    @Override
    final boolean needsMargin() {
        return loss(BETA).needsMargin();
    }

    @Override
    final Set<Law> laws() {
        Set<Law> laws = EnumSet.range(Law.GRADIENT, Law.ALIGNED);
        laws.remove(Law.SHIFT);
        return laws;
    }

    @Override
    final LossValues evaluate(Pairs pairs) {
        if (evaluator == null) {
            evaluator = LossEvaluator.of(loss(BETA));
        }
        return evaluator.evaluate(inputs(pairs));
    }

    private static PreferenceInputs inputs(Pairs pairs) {
        return new PreferenceInputs(
                pairs.column(POLICY_CHOSEN),
                pairs.column(POLICY_REJECTED),
                pairs.column(REFERENCE_CHOSEN),
                pairs.column(REFERENCE_REJECTED),
                pairs.column(CHOSEN_TOKENS),
                pairs.column(REJECTED_TOKENS),
                pairs.column(MARGIN),
                pairs.column(WEIGHT),
                pairs.column(CHOSEN_ALIGNED),
                pairs.column(REJECTED_ALIGNED));
    }

    /**
     * Log-probabilities are never above 0. Both responses have one reference, so that losses without one are near equality. The
     * ratios are in no simple proportion, so that terms cancel nowhere by chance.
     */
    @Override
    final Pairs near() {
        double[] ratios = {0, -0.97, -0.26, 0.31, 0.89};
        List<double[]> rows = new ArrayList<>();
        for (double reference : new double[] {-20.3, -6.1}) {
            for (double chosen : ratios) {
                for (double rejected : ratios) {
                    for (double margin : new double[] {0.75, 2}) {
                        rows.add(new double[] {
                            reference + chosen, reference + rejected, reference, reference, 4, 5, margin, 1, -0.7, -0.4
                        });
                    }
                }
            }
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs equal() {
        List<double[]> rows = new ArrayList<>();
        for (double ratio : new double[] {0, -1, 1}) {
            for (double margin : new double[] {0, 1}) {
                rows.add(new double[] {-20 + ratio, -20 + ratio, -20, -20, 4, 4, margin, 1, -0.5, -0.5});
            }
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs random() {
        RandomSource random = RandomSource.of(1);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            double[] row = new double[COLUMNS.size()];
            for (int column = 0; column < 4; column++) {
                row[column] = -20 + 3 * random.nextGaussian();
            }
            row[4] = 1 + random.nextInt(9);
            row[5] = 1 + random.nextInt(9);
            row[6] = random.nextGaussian();
            row[7] = 0.5 + random.nextDouble();
            row[8] = random.nextGaussian();
            row[9] = random.nextGaussian();
            rows.add(row);
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs extreme() {
        double big = largestLogRatio();
        double[] sizes = {0, -big, -big / 2, -1e-300};
        List<double[]> rows = new ArrayList<>();
        for (double policyChosen : sizes) {
            for (double policyRejected : sizes) {
                for (double referenceChosen : sizes) {
                    for (double referenceRejected : sizes) {
                        for (double margin : new double[] {0, 800, -800}) {
                            // an aligned log-probability is at most the logarithm of the vocabulary's size
                            for (double aligned : new double[] {-big, 14}) {
                                rows.add(new double[] {
                                    policyChosen,
                                    policyRejected,
                                    referenceChosen,
                                    referenceRejected,
                                    1,
                                    1000,
                                    margin,
                                    1,
                                    aligned,
                                    aligned
                                });
                            }
                        }
                    }
                }
            }
        }
        return new Pairs(COLUMNS, rows);
    }
}
