package org.preferencelearning.gpt2.model;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.model.TokenPass;

/**
 * A forward pass whose backward half runs once, and only while the model's buffers still belong to it.
 *
 * @param distributions where the pass is of tokens and they were asked for
 * @param parameters of the model, which the backward half is a use of
 * @param current whether the buffers still belong to it
 */
record OnePass(
        double[] result,
        Optional<TokenDistributions> distributions,
        ParameterStore parameters,
        BooleanSupplier current,
        Consumer<double[]> backwardPass)
        implements TokenPass {
    OnePass(double[] result, ParameterStore parameters, BooleanSupplier current, Consumer<double[]> backwardPass) {
        this(result, Optional.empty(), parameters, current, backwardPass);
    }

    @Override
    public double[] values() {
        return result.clone();
    }

    @Override
    public void backward(double[] upstream) {
        parameters.use("a backward pass", () -> checkedBackward(upstream));
    }

    private void checkedBackward(double[] upstream) {
        if (!current.getAsBoolean()) {
            throw new IllegalStateException(
                    "the model was evaluated or differentiated since this forward pass; a reference policy that is asked"
                            + " meanwhile is a model of its own, as a copy");
        }
        if (upstream.length != result.length) {
            throw new IllegalArgumentException(
                    upstream.length + " upstream derivatives for " + result.length + " values");
        }
        backwardPass.accept(upstream);
    }
}
