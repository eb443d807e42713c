package org.preferencelearning.gpt2.model;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.preferencelearning.core.model.ForwardPass;

/** A forward pass whose backward half runs once, and only while the model's buffers still belong to it. */
record OnePass(double[] result, BooleanSupplier current, Consumer<double[]> backwardPass) implements ForwardPass {
    @Override
    public double[] values() {
        return result.clone();
    }

    @Override
    public void backward(double[] upstream) {
        if (!current.getAsBoolean()) {
            throw new IllegalStateException("the model was evaluated or differentiated since this forward pass");
        }
        if (upstream.length != result.length) {
            throw new IllegalArgumentException(
                    upstream.length + " upstream derivatives for " + result.length + " sequences");
        }
        backwardPass.accept(upstream);
    }
}
