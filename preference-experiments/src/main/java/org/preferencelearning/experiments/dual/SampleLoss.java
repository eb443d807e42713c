package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.experiments.study.CatalogueLoss;
import org.preferencelearning.experiments.task.Described;

/**
 * A policy, all weights trained, by any loss over preference pairs. Responses are of two tokens. The loss's own beta counts in
 * it, the study's in implicit rewards.
 *
 * @param loss one of the catalogue, or a record of your own; not one that compares the pairs of a batch, nor one that reads a
 *     margin, as labels have none
 */
public record SampleLoss(PreferenceLoss loss) implements DualTokenSampleMethod {
    public SampleLoss {
        loss = requireSumOfPairs(loss);
        SettingException.require(!loss.needsMargin(), "loss", loss.name(), "a loss without margin: labels have none");
    }

    /** A loss that can be written down and is a sum over pairs. */
    static PreferenceLoss requireSumOfPairs(PreferenceLoss loss) {
        PreferenceLoss written = CatalogueLoss.written(loss);
        Described.require("loss", written, PreferenceLoss.class);
        SettingException.require(
                !written.batchWise(),
                "loss",
                written.name(),
                "a loss of each pair: this one compares those of a batch");
        return written;
    }

    /** What a policy that a loss trains is called; never as those that are built in. */
    static String name(PreferenceLoss loss) {
        return "DPO " + loss.name() + ", beta " + loss.beta();
    }

    @Override
    public String label() {
        return name(loss);
    }

    @Override
    public boolean implicit() {
        return true;
    }

    @Override
    public Fit start(Population world) {
        LossEvaluator evaluator = LossEvaluator.of(loss);
        double[][] referenceLog = world.referenceLog();
        return new Fit() {
            @Override
            public double loss(PairSample pairs, double[][] scores) {
                return Arrays.stream(evaluate(pairs, scores).perPair())
                        .average()
                        .orElseThrow();
            }

            @Override
            public double[][] gradient(PairSample pairs, double[][] scores) {
                LossValues values = evaluate(pairs, scores);
                return Population.scaled(
                        pairs.collect(scores, values.chosenGradient(), values.rejectedGradient()), 1 / world.beta());
            }

            private LossValues evaluate(PairSample pairs, double[][] scores) {
                double[] referenceChosen = pairs.ofChosen(referenceLog);
                double[] referenceRejected = pairs.ofRejected(referenceLog);
                double[] chosen = pairs.ofChosen(scores);
                double[] rejected = pairs.ofRejected(scores);
                double[] tokens = filled(pairs.size(), i -> DualTokenText.RESPONSE_TOKENS);
                return evaluator.evaluate(new PreferenceInputs(
                        filled(pairs.size(), i -> referenceChosen[i] + chosen[i] / world.beta()),
                        filled(pairs.size(), i -> referenceRejected[i] + rejected[i] / world.beta()),
                        referenceChosen,
                        referenceRejected,
                        tokens,
                        tokens,
                        new double[pairs.size()],
                        filled(pairs.size(), i -> 1.0 / pairs.size())));
            }
        };
    }

    /** One number a pair. */
    static double[] filled(int size, IntToDoubleFunction values) {
        double[] filled = new double[size];
        Arrays.setAll(filled, values);
        return filled;
    }
}
