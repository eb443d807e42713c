package org.preferencelearning.core.train;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.model.DeferredGradient;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;

/** Clipping by the global norm, as PyTorch's {@code clip_grad_norm_}. */
final class GradientClipping {
    private static final double EPSILON = 1e-6;

    private GradientClipping() {}

    /** Joint norm of the gradients. */
    static double norm(ParameterStore parameters) {
        return Math.sqrt(parameters.use("the norm of its gradients", () -> squares(parameters)));
    }

    private static double squares(ParameterStore parameters) {
        if (parameters.device().isPresent()) {
            return parameters
                    .device()
                    .get()
                    .squares(parameters.trained().stream()
                            .map(Parameter::gradientOnDevice)
                            .toList());
        }
        double squares = 0;
        for (Parameter parameter : parameters.trained()) {
            Optional<DeferredGradient> deferred = parameter.deferred();
            squares += deferred.isPresent() ? deferred.get().squares() : squares(parameter.gradient());
        }
        return squares;
    }

    private static double squares(INDArray gradient) {
        if (!HostFloats.fits(gradient)) {
            double norm = gradient.norm2Number().doubleValue();
            return norm * norm;
        }
        HostFloats floats = new HostFloats(gradient);
        double[] ofBlocks = new double[floats.blocks()];
        floats.read((block, values, count) -> ofBlocks[block] = squares(values[0], count));
        return Arrays.stream(ofBlocks).sum();
    }

    /** In four sums, which need not wait for each other. */
    private static double squares(float[] values, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            a += (double) values[i] * values[i];
            b += (double) values[i + 1] * values[i + 1];
            c += (double) values[i + 2] * values[i + 2];
            d += (double) values[i + 3] * values[i + 3];
        }
        for (; i < count; i++) {
            a += (double) values[i] * values[i];
        }
        return a + b + (c + d);
    }

    /** What gradients of a joint norm are multiplied by, so that it is at most {@code maxNorm}. */
    static double factor(double norm, double maxNorm) {
        return Math.min(1, maxNorm / (norm + EPSILON));
    }
}
