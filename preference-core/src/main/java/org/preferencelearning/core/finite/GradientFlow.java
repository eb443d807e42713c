package org.preferencelearning.core.finite;

import java.util.function.Function;
import org.hipparchus.exception.MathRuntimeException;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Follows {@code d theta / dt = -g(theta)} to the equilibrium that the flow from a start reaches. The field need not be a
 * gradient: online DPO's is not, as its sampler moves with theta.
 *
 * <p>Linearly implicit Euler steps whose size is controlled by comparing one step with two halves: near an unstable
 * equilibrium they stay small enough to leave it as the flow does, near a stable one they grow without bound and become
 * Newton's.
 */
final class GradientFlow {
    private static final int MAX_STEPS = 20_000;
    private static final double TOLERANCE = 1e-4;
    private static final double EQUILIBRIUM = 1e-12;
    private static final double DIFFERENCE = 1e-6;
    private static final double LONGEST = 1e14;

    private GradientFlow() {}

    /** The equilibrium reached from {@code start}. */
    static double[] follow(Function<double[], double[]> field, double[] start) {
        double[] theta = start.clone();
        double step = 1e-2;
        for (int i = 0; i < MAX_STEPS; i++) {
            double[] g = field.apply(theta);
            if (Numbers.norm(g) < EQUILIBRIUM) {
                return theta;
            }
            RealMatrix jacobian = jacobian(field, theta);
            double @Nullable [] whole = euler(theta, g, jacobian, step);
            double @Nullable [] half = whole == null ? null : euler(theta, g, jacobian, step / 2);
            double @Nullable [] halves =
                    half == null ? null : euler(half, field.apply(half), jacobian(field, half), step / 2);
            double error = whole == null || halves == null ? Double.POSITIVE_INFINITY : difference(whole, halves);
            if (halves != null && error <= 1) {
                theta = halves;
            }
            double factor = Double.isFinite(error) ? 0.9 / Math.sqrt(Math.max(error, 1e-4)) : 0.1;
            step = Math.min(LONGEST, step * Math.max(0.1, Math.min(5, factor)));
            if (step < 1e-14) {
                return theta;
            }
        }
        return theta;
    }

    /** {@code theta - (I / h + J)^-1 g}, or null if the matrix is singular or the step is not finite. */
    private static double @Nullable [] euler(double[] theta, double[] g, RealMatrix jacobian, double h) {
        RealMatrix matrix =
                jacobian.add(MatrixUtils.createRealIdentityMatrix(theta.length).scalarMultiply(1 / h));
        try {
            double[] move = new LUDecomposition(matrix)
                    .getSolver()
                    .solve(new ArrayRealVector(g, false))
                    .toArray();
            double[] next = new double[theta.length];
            for (int k = 0; k < next.length; k++) {
                next[k] = theta[k] - move[k];
                if (!Double.isFinite(next[k])) {
                    return null;
                }
            }
            return next;
        } catch (MathRuntimeException e) {
            return null;
        }
    }

    private static RealMatrix jacobian(Function<double[], double[]> field, double[] theta) {
        int d = theta.length;
        double[][] jacobian = new double[d][d];
        for (int k = 0; k < d; k++) {
            double[] up = theta.clone();
            double[] down = theta.clone();
            up[k] += DIFFERENCE;
            down[k] -= DIFFERENCE;
            double[] high = field.apply(up);
            double[] low = field.apply(down);
            for (int j = 0; j < d; j++) {
                jacobian[j][k] = (high[j] - low[j]) / (2 * DIFFERENCE);
            }
        }
        return MatrixUtils.createRealMatrix(jacobian);
    }

    private static double difference(double[] a, double[] b) {
        double worst = 0;
        for (int k = 0; k < a.length; k++) {
            worst = Math.max(worst, Math.abs(a[k] - b[k]) / (TOLERANCE * (1 + Math.abs(b[k]))));
        }
        return worst;
    }
}
