package org.preferencelearning.core.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.random.RandomSource;

/**
 * What every per-pair preference loss must satisfy. Extend it, return your loss from {@link #loss()}, and JUnit runs the
 * checks: gradients against central differences, finite values and gradients for extreme inputs, independence of pairs,
 * weights, and what needs no reference or margin does not read it.
 */
public abstract class PreferenceLossContract {
    private static final double STEP = 1e-5;

    /** The loss under test. */
    protected abstract PreferenceLoss loss();

    /** Largest absolute log-ratio that the loss must survive; lower it for losses that grow exponentially. */
    protected double largestLogRatio() {
        return 1e4;
    }

    @Test
    void gradientsEqualCentralDifferences() {
        LossEvaluator evaluator = LossEvaluator.of(loss());
        PreferenceInputs inputs = random(40, 3, RandomSource.of(1));
        LossValues values = evaluator.evaluate(inputs);
        for (boolean chosen : new boolean[] {true, false}) {
            double[] up = evaluator.evaluate(moved(inputs, chosen, STEP)).perPair();
            double[] down = evaluator.evaluate(moved(inputs, chosen, -STEP)).perPair();
            double[] analytic = chosen ? values.chosenGradient() : values.rejectedGradient();
            for (int i = 0; i < up.length; i++) {
                double numeric = inputs.weight()[i] * (up[i] - down[i]) / (2 * STEP);
                double scale = Math.max(1e-3, Math.max(Math.abs(numeric), Math.abs(analytic[i])));
                assertThat(Math.abs(numeric - analytic[i]) / scale)
                        .as(
                                "pair %d, by %s: numeric %s, analytic %s",
                                i, chosen ? "chosen" : "rejected", numeric, analytic[i])
                        .isLessThan(1e-5);
            }
        }
    }

    @Test
    void extremeInputsGiveFiniteValuesAndGradients() {
        double big = largestLogRatio();
        double[] ratios = {0, big, -big, big / 2, -big / 2, 1e-300};
        int n = ratios.length * ratios.length;
        double[] chosen = new double[n];
        double[] rejected = new double[n];
        double[] margin = new double[n];
        for (int i = 0; i < n; i++) {
            chosen[i] = ratios[i / ratios.length];
            rejected[i] = ratios[i % ratios.length];
            margin[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? 800 : -800;
        }
        LossValues values = LossEvaluator.of(loss())
                .evaluate(new PreferenceInputs(
                        chosen, rejected, new double[n], new double[n], ones(n), ones(n), margin, ones(n)));
        for (double[] numbers : new double[][] {values.perPair(), values.chosenGradient(), values.rejectedGradient()}) {
            assertThat(Arrays.stream(numbers).allMatch(Double::isFinite))
                    .as("finite: %s", Arrays.toString(numbers))
                    .isTrue();
        }
    }

    @Test
    void aPairsLossDoesNotDependOnTheOthers() {
        LossEvaluator evaluator = LossEvaluator.of(loss());
        PreferenceInputs inputs = random(8, 3, RandomSource.of(2));
        double[] together = evaluator.evaluate(inputs).perPair();
        for (int i = 0; i < together.length; i++) {
            double[] alone = evaluator.evaluate(only(inputs, i)).perPair();
            assertThat(alone).hasSize(1);
            assertThat(alone[0]).isEqualTo(together[i]);
        }
    }

    @Test
    void weightsScaleGradientsAndNotValues() {
        LossEvaluator evaluator = LossEvaluator.of(loss());
        PreferenceInputs once = random(8, 3, RandomSource.of(3));
        double[] tripled = Arrays.stream(once.weight()).map(w -> 3 * w).toArray();
        LossValues values = evaluator.evaluate(once);
        LossValues more = evaluator.evaluate(new PreferenceInputs(
                once.policyChosen(),
                once.policyRejected(),
                once.referenceChosen(),
                once.referenceRejected(),
                once.chosenTokens(),
                once.rejectedTokens(),
                once.margin(),
                tripled));
        assertThat(more.perPair()).isEqualTo(values.perPair());
        for (int i = 0; i < 8; i++) {
            assertThat(more.chosenGradient()[i])
                    .isCloseTo(3 * values.chosenGradient()[i], org.assertj.core.data.Offset.offset(1e-12));
        }
    }

    @Test
    void whatTheLossSaysItDoesNotNeedItDoesNotRead() {
        PreferenceInputs inputs = random(8, 3, RandomSource.of(4));
        PreferenceInputs other = random(8, 3, RandomSource.of(5));
        PreferenceLoss loss = loss();
        LossEvaluator evaluator = LossEvaluator.of(loss);
        double[] changed = evaluator
                .evaluate(new PreferenceInputs(
                        inputs.policyChosen(),
                        inputs.policyRejected(),
                        loss.needsReference() ? inputs.referenceChosen() : other.referenceChosen(),
                        loss.needsReference() ? inputs.referenceRejected() : other.referenceRejected(),
                        inputs.chosenTokens(),
                        inputs.rejectedTokens(),
                        loss.needsMargin() ? inputs.margin() : other.margin(),
                        inputs.weight()))
                .perPair();
        assertThat(changed).isEqualTo(evaluator.evaluate(inputs).perPair());
    }

    private static PreferenceInputs random(int n, double spread, RandomSource random) {
        double[][] columns = new double[4][n];
        for (double[] column : columns) {
            Arrays.setAll(column, i -> -20 + spread * random.nextGaussian());
        }
        double[] margin = new double[n];
        Arrays.setAll(margin, i -> random.nextGaussian());
        double[] weight = new double[n];
        Arrays.setAll(weight, i -> 0.5 + random.nextDouble());
        double[] chosenTokens = new double[n];
        Arrays.setAll(chosenTokens, i -> 1 + random.nextInt(9));
        double[] rejectedTokens = new double[n];
        Arrays.setAll(rejectedTokens, i -> 1 + random.nextInt(9));
        return new PreferenceInputs(
                columns[0], columns[1], columns[2], columns[3], chosenTokens, rejectedTokens, margin, weight);
    }

    private static PreferenceInputs moved(PreferenceInputs in, boolean chosen, double step) {
        double[] policyChosen =
                chosen ? Arrays.stream(in.policyChosen()).map(v -> v + step).toArray() : in.policyChosen();
        double[] policyRejected = chosen
                ? in.policyRejected()
                : Arrays.stream(in.policyRejected()).map(v -> v + step).toArray();
        return new PreferenceInputs(
                policyChosen,
                policyRejected,
                in.referenceChosen(),
                in.referenceRejected(),
                in.chosenTokens(),
                in.rejectedTokens(),
                in.margin(),
                in.weight());
    }

    private static PreferenceInputs only(PreferenceInputs in, int i) {
        return new PreferenceInputs(
                new double[] {in.policyChosen()[i]},
                new double[] {in.policyRejected()[i]},
                new double[] {in.referenceChosen()[i]},
                new double[] {in.referenceRejected()[i]},
                new double[] {in.chosenTokens()[i]},
                new double[] {in.rejectedTokens()[i]},
                new double[] {in.margin()[i]},
                new double[] {in.weight()[i]});
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
