package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;

/**
 * Any loss over preference pairs, summed over all pairs of responses and both of their labels, each by its probability. Labels
 * have the true reward's Bradley-Terry probabilities; a loss that reads a margin is given the true reward of the chosen response
 * less that of the rejected one, which is below 0 where the label is the less probable one. Responses are of two tokens. The
 * loss's own beta counts in it, the study's in values.
 *
 * @param loss one of the catalogue, or a record of your own; not one that compares the pairs of a batch
 * @param sampler where pairs come from; draws are not differentiated
 */
public record PopulationLoss(PreferenceLoss loss, Sampler sampler) implements DualTokenMethod {
    public PopulationLoss {
        loss = SampleLoss.requireSumOfPairs(loss);
        requireNonNull(sampler, "sampler");
    }

    /** Over pairs of the reference policy. */
    public PopulationLoss(PreferenceLoss loss) {
        this(loss, Sampler.REFERENCE);
    }

    @Override
    public String label() {
        return SampleLoss.name(loss) + (sampler == Sampler.REFERENCE ? "" : " (" + sampler.label() + ")");
    }

    @Override
    public Slope start(Given given) {
        LossEvaluator evaluator = LossEvaluator.of(loss);
        double[][] reward = given.world().reward();
        double[][] referenceLog = given.world().referenceLog();
        return log -> {
            double[][] gradient = new double[log.length][];
            for (int x = 0; x < log.length; x++) {
                double[][] pairs = sampler.pairs(
                        exponential(log[x]),
                        exponential(referenceLog[x]),
                        given.world().beta());
                gradient[x] = gradient(evaluator, log[x], referenceLog[x], reward[x], pairs, log.length);
            }
            return gradient;
        };
    }

    /** Of one prompt: every ordered pair is one of the chosen and the rejected response. */
    private static double[] gradient(
            LossEvaluator evaluator,
            double[] log,
            double[] referenceLog,
            double[] reward,
            double[][] pairs,
            int prompts) {
        int n = log.length;
        double[] chosen = new double[n * n];
        double[] rejected = new double[n * n];
        double[] referenceChosen = new double[n * n];
        double[] referenceRejected = new double[n * n];
        double[] margin = new double[n * n];
        double[] weight = new double[n * n];
        double[] tokens = new double[n * n];
        Arrays.fill(tokens, DualTokenText.RESPONSE_TOKENS);
        for (int y = 0; y < n; y++) {
            for (int z = 0; z < n; z++) {
                int at = y * n + z;
                chosen[at] = log[y];
                rejected[at] = log[z];
                referenceChosen[at] = referenceLog[y];
                referenceRejected[at] = referenceLog[z];
                margin[at] = reward[y] - reward[z];
                // drawn in either order
                weight[at] = 2 * pairs[y][z] / (1 + Math.exp(-margin[at])) / prompts;
            }
        }
        LossValues values = evaluator.evaluate(new PreferenceInputs(
                chosen, rejected, referenceChosen, referenceRejected, tokens, tokens, margin, weight));
        double[] gradient = new double[n];
        for (int y = 0; y < n; y++) {
            for (int z = 0; z < n; z++) {
                gradient[y] += values.chosenGradient()[y * n + z];
                gradient[z] += values.rejectedGradient()[y * n + z];
            }
        }
        return gradient;
    }

    private static double[] exponential(double[] logs) {
        return Arrays.stream(logs).map(Math::exp).toArray();
    }
}
