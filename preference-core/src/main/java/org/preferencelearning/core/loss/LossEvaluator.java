package org.preferencelearning.core.loss;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.runtime.NativeRuntime;
import org.preferencelearning.core.runtime.QuietGradients;

/**
 * Evaluates a loss and its derivatives in double precision. The SameDiff graph is built once; batches may differ in size.
 * Not thread-safe.
 */
public final class LossEvaluator {
    private static final String PER_PAIR = "per_pair";
    private static final String WEIGHT = "weight";

    private final SameDiff graph;
    private final String name;
    private final String chosen;
    private final String rejected;

    private LossEvaluator(String name, String chosen, String rejected) {
        NativeRuntime.prepare();
        this.graph = SameDiff.create();
        this.name = name;
        this.chosen = chosen;
        this.rejected = rejected;
    }

    /** An evaluator of a preference loss; its batches are {@link PreferenceInputs}. */
    public static LossEvaluator of(PreferenceLoss loss) {
        LossEvaluator evaluator = new LossEvaluator(loss.name(), "policy_chosen", "policy_rejected");
        evaluator.finish(loss.perPair(new PreferenceBatch(
                evaluator.input("policy_chosen"),
                evaluator.input("policy_rejected"),
                evaluator.input("reference_chosen"),
                evaluator.input("reference_rejected"),
                evaluator.input("chosen_tokens"),
                evaluator.input("rejected_tokens"),
                evaluator.input("margin"))));
        return evaluator;
    }

    /** An evaluator of a reward loss; its batches are {@link RewardInputs}. */
    public static LossEvaluator of(RewardLoss loss) {
        LossEvaluator evaluator = new LossEvaluator(loss.name(), "chosen", "rejected");
        evaluator.finish(loss.perPair(
                new RewardBatch(evaluator.input("chosen"), evaluator.input("rejected"), evaluator.input("margin"))));
        return evaluator;
    }

    private SDVariable input(String name) {
        return graph.placeHolder(name, DataType.DOUBLE, -1);
    }

    private void finish(SDVariable perPair) {
        // A loss may be one of its inputs, which keep their names.
        SDVariable values = perPair.getVariableType() == VariableType.ARRAY ? perPair : graph.identity(perPair);
        values.rename(PER_PAIR);
        // SameDiff differentiates only graphs that hold a trainable variable; this one is never changed.
        SDVariable unit = graph.var("unit", Nd4j.scalar(1.0));
        values.mul(input(WEIGHT)).sum().mul(unit).markAsLoss();
        QuietGradients.create(graph, chosen, rejected);
    }

    /**
     * Loss per pair, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per pair
     */
    public LossValues evaluate(PreferenceInputs inputs) {
        return evaluate(Map.of(
                "policy_chosen",
                inputs.policyChosen(),
                "policy_rejected",
                inputs.policyRejected(),
                "reference_chosen",
                inputs.referenceChosen(),
                "reference_rejected",
                inputs.referenceRejected(),
                "chosen_tokens",
                inputs.chosenTokens(),
                "rejected_tokens",
                inputs.rejectedTokens(),
                "margin",
                inputs.margin(),
                WEIGHT,
                inputs.weight()));
    }

    /**
     * Loss per pair, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per pair
     */
    public LossValues evaluate(RewardInputs inputs) {
        return evaluate(Map.of(
                "chosen",
                inputs.chosen(),
                "rejected",
                inputs.rejected(),
                "margin",
                inputs.margin(),
                WEIGHT,
                inputs.weight()));
    }

    private LossValues evaluate(Map<String, double[]> inputs) {
        Map<String, INDArray> placeholders = new LinkedHashMap<>();
        inputs.forEach((name, values) -> placeholders.put(name, Nd4j.createFromArray(values)));
        int pairs = inputs.get(WEIGHT).length;
        OutAndGrad result =
                graph.calculateGradientsAndOutputs(placeholders, List.of(PER_PAIR), List.of(chosen, rejected));
        INDArray perPair = result.getOutputs().get(PER_PAIR);
        SettingException.require(
                perPair.rank() == 1 && perPair.length() == pairs,
                "loss",
                name + " of shape " + Arrays.toString(perPair.shape()),
                "one value per pair, here shape [" + pairs + "]");
        LossValues values = new LossValues(
                perPair.toDoubleVector(), gradient(result, chosen, pairs), gradient(result, rejected, pairs));
        placeholders.values().forEach(INDArray::close);
        return values;
    }

    /** A loss that does not read a quantity has no gradient by it; its derivative is 0. */
    private static double[] gradient(OutAndGrad result, String name, int pairs) {
        INDArray gradient = result.getGradients().get(name);
        return gradient == null ? new double[pairs] : gradient.toDoubleVector();
    }
}
