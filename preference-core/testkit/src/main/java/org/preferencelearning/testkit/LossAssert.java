package org.preferencelearning.testkit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractAssert;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;

/** Assertions on a preference loss; {@link PreferenceLossContract} holds what is true of every one. */
public final class LossAssert extends AbstractAssert<LossAssert, PreferenceLoss> {
    LossAssert(PreferenceLoss loss) {
        super(loss, LossAssert.class);
    }

    /** Its value of each pair is that expected, to an absolute tolerance. */
    public LossAssert hasValues(PreferenceInputs pairs, double tolerance, double... expected) {
        requireClose("value", evaluate(actual, pairs).perPair(), expected, tolerance, pairs);
        return this;
    }

    /** The derivatives by the policy's log-probabilities are those expected, to an absolute tolerance. */
    public LossAssert hasSlopes(PreferenceInputs pairs, double tolerance, double[] chosen, double[] rejected) {
        LossValues values = evaluate(actual, pairs);
        requireClose("slope by policyChosen", values.chosenGradient(), chosen, tolerance, pairs);
        requireClose("slope by policyRejected", values.rejectedGradient(), rejected, tolerance, pairs);
        return this;
    }

    /** Its values and slopes are another loss's, to an absolute tolerance. */
    public LossAssert isLike(PreferenceLoss other, PreferenceInputs pairs, double tolerance) {
        LossValues expected = evaluate(other, pairs);
        return hasValues(pairs, tolerance, expected.perPair())
                .hasSlopes(pairs, tolerance, expected.chosenGradient(), expected.rejectedGradient());
    }

    /** A policy trained by it in a world comes to rank the responses as their rewards do. */
    public LossAssert learns(FiniteWorld world) {
        isNotNull();
        double[] rewards = world.rewards();
        double[] probabilities = world.trained(actual);
        List<Integer> best = IntStream.range(0, rewards.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -rewards[i]))
                .toList();
        for (int rank = 1; rank < best.size(); rank++) {
            int better = best.get(rank - 1);
            int worse = best.get(rank);
            if (!(probabilities[better] > probabilities[worse])) {
                throw failure(
                        "loss '%s' does not learn the %s: response %s of reward %s has probability %s after training,"
                                + " and response %s of reward %s has %s; all: %s",
                        actual.name(),
                        world,
                        better,
                        rewards[better],
                        probabilities[better],
                        worse,
                        rewards[worse],
                        probabilities[worse],
                        Arrays.toString(probabilities));
            }
        }
        return this;
    }

    private LossValues evaluate(PreferenceLoss loss, PreferenceInputs pairs) {
        isNotNull();
        return LossEvaluator.of(loss).evaluate(pairs);
    }

    private void requireClose(
            String what, double[] found, double[] expected, double tolerance, PreferenceInputs pairs) {
        if (found.length != expected.length) {
            throw failure(
                    "%s of loss '%s': %s are expected of %s pairs", what, actual.name(), expected.length, found.length);
        }
        for (int i = 0; i < found.length; i++) {
            if (!(Math.abs(found[i] - expected[i]) <= tolerance)) {
                throw failure(
                        "%s of loss '%s' at pair %s (policyChosen=%s, policyRejected=%s, referenceChosen=%s,"
                                + " referenceRejected=%s, chosenTokens=%s, rejectedTokens=%s, margin=%s, weight=%s)"
                                + " is %s; expected: %s within %s",
                        what,
                        actual.name(),
                        i,
                        pairs.policyChosen()[i],
                        pairs.policyRejected()[i],
                        pairs.referenceChosen()[i],
                        pairs.referenceRejected()[i],
                        pairs.chosenTokens()[i],
                        pairs.rejectedTokens()[i],
                        pairs.margin()[i],
                        pairs.weight()[i],
                        found[i],
                        expected[i],
                        tolerance);
            }
        }
    }
}
