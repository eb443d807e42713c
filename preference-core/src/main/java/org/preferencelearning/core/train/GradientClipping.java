package org.preferencelearning.core.train;

import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;

/** Clipping by the global norm, as PyTorch's {@code clip_grad_norm_}. */
final class GradientClipping {
    private static final double EPSILON = 1e-6;

    private GradientClipping() {}

    /** Joint norm of the gradients. */
    static double norm(ParameterStore parameters) {
        double squares = 0;
        for (Parameter parameter : parameters.trained()) {
            double norm = parameter.gradient().norm2Number().doubleValue();
            squares += norm * norm;
        }
        return Math.sqrt(squares);
    }

    /** What gradients of a joint norm are multiplied by, so that it is at most {@code maxNorm}. */
    static double factor(double norm, double maxNorm) {
        return Math.min(1, maxNorm / (norm + EPSILON));
    }
}
