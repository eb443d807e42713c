package org.preferencelearning.core.train;

import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;

/** Clipping by the global norm, as PyTorch's {@code clip_grad_norm_}. */
final class GradientClipping {
    private static final double EPSILON = 1e-6;

    private GradientClipping() {}

    /** Scales the gradients down if their joint norm is above {@code maxNorm}; returns the norm before. */
    static double clip(ParameterStore parameters, double maxNorm) {
        double squares = 0;
        for (Parameter parameter : parameters.trained()) {
            double norm = parameter.gradient().norm2Number().doubleValue();
            squares += norm * norm;
        }
        double norm = Math.sqrt(squares);
        double factor = maxNorm / (norm + EPSILON);
        if (factor < 1) {
            for (Parameter parameter : parameters.trained()) {
                parameter.gradient().muli(factor);
            }
        }
        return norm;
    }
}
