package org.preferencelearning.testkit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.ResponseLossValues;
import org.preferencelearning.core.loss.UnpairedInputs;
import org.preferencelearning.core.loss.UnpairedLoss;
import org.preferencelearning.core.random.RandomSource;

/**
 * What every loss of responses that are wanted or not must satisfy. Extend it and return your loss from {@link #loss}; where it
 * differs on purpose, state it in {@link #exemptions}, with the reason.
 */
public abstract class UnpairedLossContract extends ResponseLossContract {
    private static final double BETA = 0.1;
    private static final double OTHER_BETA = 0.3;

    private static final String REFERENCE = "reference";
    private static final String DESIRABLE = "desirable";
    private static final String MISMATCHED_POLICY = "mismatchedPolicy";
    private static final String MISMATCHED_REFERENCE = "mismatchedReference";
    private static final String MEAN = "meanLogRatio";
    private static final List<String> COLUMNS =
            List.of(POLICY, REFERENCE, DESIRABLE, MISMATCHED_POLICY, MISMATCHED_REFERENCE, MEAN, WEIGHT);

    private @Nullable LossEvaluator evaluator;

    /** For subclasses. */
    protected UnpairedLossContract() {}

    /** The loss under test, made with a beta; called with more than one. */
    protected abstract UnpairedLoss loss(double beta);

    @Test
    @DisplayName("The loss of a wanted response falls where it becomes likelier than the reference's")
    void theLossOfAWantedResponseFalls() {
        check(Law.DESIRABLE_SLOPE, () -> slopes(Law.DESIRABLE_SLOPE, 1));
    }

    @Test
    @DisplayName("The loss of another response rises where it becomes likelier than the reference's")
    void theLossOfAnotherResponseRises() {
        check(Law.UNDESIRABLE_SLOPE, () -> slopes(Law.UNDESIRABLE_SLOPE, 0));
    }

    private void slopes(Law law, int desirable) {
        int sign = desirable == 1 ? -1 : 1;
        Pairs rows = near(desirable, 0.4);
        double[] analytic = evaluate(rows).gradient();
        for (String column : new String[] {POLICY, REFERENCE}) {
            int way = column.equals(POLICY) ? sign : -sign;
            Slopes numeric = slopes(rows, column);
            for (int i = 0; i < rows.size(); i++) {
                require(
                        law,
                        way * numeric.values()[i] > numeric.noise()[i] && sign * analytic[i] > 0,
                        rows.describe(i),
                        String.format("the slope by %s is %s, by central differences", column, numeric.values()[i]),
                        way < 0 ? "below 0" : "above 0");
            }
        }
    }

    @Test
    @DisplayName("What policy and reference share does not matter")
    void aConstantOnPolicyAndReferenceChangesNothing() {
        check(Law.INVARIANCE, () -> {
            for (int desirable = 0; desirable < 2; desirable++) {
                Pairs rows = near(desirable, 0.4);
                double[] values = evaluate(rows).perResponse();
                double[] others = evaluate(rows.plus(POLICY, -3)
                                .plus(REFERENCE, -3)
                                .plus(MISMATCHED_POLICY, -2)
                                .plus(MISMATCHED_REFERENCE, -2))
                        .perResponse();
                for (int i = 0; i < rows.size(); i++) {
                    require(
                            Law.INVARIANCE,
                            Math.abs(others[i] - values[i]) <= 1e-9 * (1 + Math.abs(values[i])),
                            rows.describe(i),
                            "with 3 less policy and reference, and 2 less of mismatched responses, the value is "
                                    + others[i],
                            values[i] + ", as without");
                }
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
            for (int desirable = 0; desirable < 2; desirable++) {
                Pairs rows = near(desirable, 0.4);
                double[] slopes = evaluate(rows).gradient();
                double[] others = LossEvaluator.of(loss(OTHER_BETA))
                        .evaluate(inputs(rows))
                        .gradient();
                for (int i = 0; i < rows.size(); i++) {
                    require(
                            Law.BETA,
                            Math.abs(slopes[i] - others[i]) > 1e-6 * Math.abs(slopes[i]),
                            rows.describe(i),
                            String.format(
                                    "for beta %s and %s, the gradient is %s and %s",
                                    BETA, OTHER_BETA, slopes[i], others[i]),
                            "two gradients");
                }
            }
        });
    }

    @Test
    @DisplayName("Mismatched responses are read where that is declared, and as a divergence, which is at least 0")
    void mismatchedResponsesAreReadAsDeclared() {
        check(Law.MISMATCHED, () -> {
            boolean declared = loss(BETA).needsMismatched();
            for (int desirable = 0; desirable < 2; desirable++) {
                Pairs rows = near(desirable, 0.4);
                threshold(Law.MISMATCHED, rows, MISMATCHED_POLICY, declared, "needsMismatched()");
                if (declared) {
                    double[] none = evaluate(near(desirable, 0)).perResponse();
                    double[] below = evaluate(near(desirable, -0.9)).perResponse();
                    for (int i = 0; i < rows.size(); i++) {
                        require(
                                Law.MISMATCHED,
                                equal(none[i], below[i]),
                                rows.describe(i),
                                "with mismatched log-ratios of -0.9 the value is " + below[i],
                                none[i] + ", as with a divergence of 0");
                    }
                }
            }
        });
    }

    @Test
    @DisplayName("The mean log-ratio is read where that is declared, and only there")
    void theMeanIsReadAsDeclared() {
        check(Law.MEAN, () -> {
            for (int desirable = 0; desirable < 2; desirable++) {
                threshold(Law.MEAN, near(desirable, 0.4), MEAN, loss(BETA).needsMeanLogRatio(), "needsMeanLogRatio()");
            }
        });
    }

    /** What a response is compared with: the loss of a wanted one rises with it, and of another falls. */
    private void threshold(Law law, Pairs rows, String column, boolean declared, String declaration) {
        double[] values = evaluate(rows).perResponse();
        double[] others = evaluate(rows.plus(column, 0.6)).perResponse();
        for (int i = 0; i < rows.size(); i++) {
            int sign = rows.at(i, DESIRABLE) == 1 ? 1 : -1;
            require(
                    law,
                    declared ? sign * (others[i] - values[i]) > 0 : others[i] == values[i],
                    rows.describe(i),
                    "with 0.6 more " + column + " the value is " + others[i],
                    (declared ? sign > 0 ? "above " : "below " : "") + values[i] + ", because " + declaration + " is "
                            + declared);
        }
    }

    @Override
    final String name() {
        return loss(BETA).name();
    }

    @Override
    final Set<Law> laws() {
        return EnumSet.of(
                Law.GRADIENT,
                Law.FINITENESS,
                Law.WEIGHTS,
                Law.INDEPENDENCE,
                Law.INVARIANCE,
                Law.BETA,
                Law.DESIRABLE_SLOPE,
                Law.UNDESIRABLE_SLOPE,
                Law.MISMATCHED,
                Law.MEAN);
    }

    @Override
    final ResponseLossValues evaluate(Pairs rows) {
        if (evaluator == null) {
            evaluator = LossEvaluator.of(loss(BETA));
        }
        return evaluator.evaluate(inputs(rows));
    }

    private static UnpairedInputs inputs(Pairs rows) {
        return new UnpairedInputs(
                rows.column(POLICY),
                rows.column(REFERENCE),
                rows.column(DESIRABLE),
                rows.column(MISMATCHED_POLICY),
                rows.column(MISMATCHED_REFERENCE),
                rows.column(MEAN),
                rows.column(WEIGHT));
    }

    /** Responses of one kind around equality, and mismatched ones of a log-ratio. */
    private static Pairs near(int desirable, double mismatched) {
        List<double[]> rows = new ArrayList<>();
        for (double reference : new double[] {-20.3, -6.1}) {
            for (double ratio : new double[] {0, -0.97, -0.26, 0.31, 0.89}) {
                rows.add(new double[] {reference + ratio, reference, desirable, -15 + mismatched, -15, 0.2, 1});
            }
        }
        return new Pairs(COLUMNS, rows);
    }

    @Override
    final Pairs random() {
        RandomSource random = RandomSource.of(1);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rows.add(new double[] {
                -20 + 3 * random.nextGaussian(),
                -20 + 3 * random.nextGaussian(),
                i % 2,
                -19 + 3 * random.nextGaussian(),
                -20 + 3 * random.nextGaussian(),
                0.3,
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
            for (double reference : sizes) {
                for (double mismatched : sizes) {
                    for (int desirable = 0; desirable < 2; desirable++) {
                        rows.add(new double[] {policy, reference, desirable, mismatched, -5e3, policy, 1});
                    }
                }
            }
        }
        return new Pairs(COLUMNS, rows);
    }
}
