package org.preferencelearning.core.loss;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
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
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.core.internal.runtime.QuietGradients;

/**
 * Evaluates a loss and its derivatives in double precision. The SameDiff graph is built once; batches may differ in size.
 * Not thread-safe.
 */
public final class LossEvaluator {
    private static final String VALUES = "values";
    private static final String WEIGHT = "weight";

    private final SameDiff graph = SameDiff.create();
    private final String name;
    private final String unit;
    /** What is differentiated by. */
    private final List<String> variables;

    private boolean needsAligned;

    private LossEvaluator(String name, String unit, String... variables) {
        this.name = name;
        this.unit = unit;
        this.variables = List.of(variables);
    }

    /** An evaluator of a preference loss; its batches are {@link PreferenceInputs}. */
    public static LossEvaluator of(PreferenceLoss loss) {
        LossEvaluator evaluator = create(loss.name(), "pair", "policy_chosen", "policy_rejected");
        evaluator.finish(loss.perPair(new PreferenceBatch(
                evaluator.input("policy_chosen"),
                evaluator.input("policy_rejected"),
                evaluator.input("reference_chosen"),
                evaluator.input("reference_rejected"),
                evaluator.input("chosen_tokens"),
                evaluator.input("rejected_tokens"),
                evaluator.input("margin"),
                evaluator.input("chosen_aligned"),
                evaluator.input("rejected_aligned"))));
        evaluator.needsAligned = loss.needsAligned();
        return evaluator;
    }

    /** An evaluator of a reward loss; its batches are {@link RewardInputs}. */
    public static LossEvaluator of(RewardLoss loss) {
        LossEvaluator evaluator = create(loss.name(), "pair", "chosen", "rejected");
        evaluator.finish(loss.perPair(
                new RewardBatch(evaluator.input("chosen"), evaluator.input("rejected"), evaluator.input("margin"))));
        return evaluator;
    }

    /** An evaluator of a loss of wanted and other responses; its batches are {@link UnpairedInputs}. */
    public static LossEvaluator of(UnpairedLoss loss) {
        LossEvaluator evaluator = create(loss.name(), "response", "policy");
        evaluator.finish(loss.perResponse(new UnpairedBatch(
                evaluator.input("policy"),
                evaluator.input("reference"),
                evaluator.input("desirable"),
                evaluator.input("mismatched_policy"),
                evaluator.input("mismatched_reference"),
                evaluator.input("mean_log_ratio"))));
        return evaluator;
    }

    /** An evaluator of a loss of sampled responses; its batches are {@link RolloutInputs}. */
    public static LossEvaluator of(RolloutLoss loss) {
        LossEvaluator evaluator = create(loss.name(), "response", "policy");
        evaluator.finish(loss.perResponse(new RolloutBatch(
                evaluator.input("policy"),
                evaluator.input("behaviour"),
                evaluator.input("advantage"),
                evaluator.input("tokens"))));
        return evaluator;
    }

    /** An evaluator of a loss of sampled responses' tokens; its batches are {@link TokenRolloutInputs}. */
    public static LossEvaluator of(TokenRolloutLoss loss) {
        LossEvaluator evaluator = create(loss.name(), "token", "policy");
        evaluator.finish(loss.perToken(new TokenRolloutBatch(
                evaluator.input("policy"), evaluator.input("behaviour"), evaluator.input("advantage"))));
        return evaluator;
    }

    private static LossEvaluator create(String name, String unit, String... variables) {
        NativeRuntime.prepare();
        return new LossEvaluator(name, unit, variables);
    }

    private SDVariable input(String name) {
        return graph.placeHolder(name, DataType.DOUBLE, -1);
    }

    private void finish(SDVariable loss) {
        // A loss may be one of its inputs, which keep their names.
        SDVariable values = loss.getVariableType() == VariableType.ARRAY ? loss : graph.identity(loss);
        values.rename(VALUES);
        // SameDiff differentiates only graphs that hold a trainable variable; this one is never changed.
        SDVariable one = graph.var("one", Nd4j.scalar(1.0));
        values.mul(input(WEIGHT)).sum().mul(one).markAsLoss();
        QuietGradients.create(graph, variables.toArray(String[]::new));
    }

    /**
     * Loss per pair, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per pair
     */
    public LossValues evaluate(PreferenceInputs inputs) {
        Map<String, double[]> columns = new LinkedHashMap<>();
        columns.put("policy_chosen", inputs.policyChosen());
        columns.put("policy_rejected", inputs.policyRejected());
        columns.put("reference_chosen", inputs.referenceChosen());
        columns.put("reference_rejected", inputs.referenceRejected());
        columns.put("chosen_tokens", inputs.chosenTokens());
        columns.put("rejected_tokens", inputs.rejectedTokens());
        columns.put("margin", inputs.margin());
        columns.put("chosen_aligned", aligned(inputs, inputs.chosenAligned()));
        columns.put("rejected_aligned", aligned(inputs, inputs.rejectedAligned()));
        columns.put(WEIGHT, inputs.weight());
        return ofPairs(evaluate(columns));
    }

    private double[] aligned(PreferenceInputs inputs, double[] values) {
        int size = inputs.weight().length;
        SettingException.require(
                !needsAligned || values.length == size,
                "aligned",
                values.length + " entries",
                size + ", one per pair: loss '" + name + "' reads them");
        return values.length == size ? values : new double[size];
    }

    /**
     * Loss per pair, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per pair
     */
    public LossValues evaluate(RewardInputs inputs) {
        return ofPairs(evaluate(Map.of(
                "chosen",
                inputs.chosen(),
                "rejected",
                inputs.rejected(),
                "margin",
                inputs.margin(),
                WEIGHT,
                inputs.weight())));
    }

    /**
     * Loss per response, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per response
     */
    public ResponseLossValues evaluate(UnpairedInputs inputs) {
        return ofResponses(evaluate(Map.of(
                "policy",
                inputs.policy(),
                "reference",
                inputs.reference(),
                "desirable",
                inputs.desirable(),
                "mismatched_policy",
                inputs.mismatchedPolicy(),
                "mismatched_reference",
                inputs.mismatchedReference(),
                "mean_log_ratio",
                inputs.meanLogRatio(),
                WEIGHT,
                inputs.weight())));
    }

    /**
     * Loss per response, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per response
     */
    public ResponseLossValues evaluate(RolloutInputs inputs) {
        return ofResponses(evaluate(Map.of(
                "policy",
                inputs.policy(),
                "behaviour",
                inputs.behaviour(),
                "advantage",
                inputs.advantage(),
                "tokens",
                inputs.tokens(),
                WEIGHT,
                inputs.weight())));
    }

    /**
     * Loss per token, and the derivatives of the weighted sum.
     *
     * @throws SettingException if the loss does not give one value per token
     */
    public ResponseLossValues evaluate(TokenRolloutInputs inputs) {
        return ofResponses(evaluate(Map.of(
                "policy",
                inputs.policy(),
                "behaviour",
                inputs.behaviour(),
                "advantage",
                inputs.advantage(),
                WEIGHT,
                inputs.weight())));
    }

    private static LossValues ofPairs(List<double[]> values) {
        return new LossValues(values.get(0), values.get(1), values.get(2));
    }

    private static ResponseLossValues ofResponses(List<double[]> values) {
        return new ResponseLossValues(values.get(0), values.get(1));
    }

    /** The losses, then the derivatives by each variable. */
    private List<double[]> evaluate(Map<String, double[]> inputs) {
        Map<String, INDArray> placeholders = new LinkedHashMap<>();
        inputs.forEach((name, values) -> placeholders.put(name, Nd4j.createFromArray(values)));
        int size = requireNonNull(inputs.get(WEIGHT)).length;
        OutAndGrad result = graph.calculateGradientsAndOutputs(placeholders, List.of(VALUES), variables);
        INDArray losses = requireNonNull(result.getOutputs().get(VALUES));
        SettingException.require(
                losses.rank() == 1 && losses.length() == size,
                "loss",
                name + " of shape " + Arrays.toString(losses.shape()),
                "one value per " + unit + ", here shape [" + size + "]");
        List<double[]> values = new ArrayList<>();
        values.add(losses.toDoubleVector());
        for (String variable : variables) {
            // A loss that does not read a quantity has no gradient by it; its derivative is 0.
            INDArray gradient = result.getGradients().get(variable);
            values.add(gradient == null ? new double[size] : gradient.toDoubleVector());
        }
        placeholders.values().forEach(INDArray::close);
        return values;
    }
}
