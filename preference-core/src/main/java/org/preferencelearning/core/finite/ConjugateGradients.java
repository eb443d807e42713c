package org.preferencelearning.core.finite;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.PointValuePair;
import org.hipparchus.optim.SimpleValueChecker;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunctionGradient;
import org.hipparchus.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer;
import org.hipparchus.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer.Formula;

/** Minimisation of a smooth function by Hipparchus's non-linear conjugate gradients. */
public final class ConjugateGradients {
    private static final int MAX_EVALUATIONS = 20_000;
    private static final double TOLERANCE = 1e-15;

    private ConjugateGradients() {}

    /** The point that the search from {@code start} ends at; {@code start} itself if the search breaks down. */
    public static double[] minimise(
            ToDoubleFunction<double[]> function, Function<double[], double[]> gradient, double[] start) {
        NonLinearConjugateGradientOptimizer optimizer = new NonLinearConjugateGradientOptimizer(
                Formula.POLAK_RIBIERE, new SimpleValueChecker(TOLERANCE, TOLERANCE), 1e-10, 1e-10, 1e-2);
        try {
            PointValuePair found = optimizer.optimize(
                    GoalType.MINIMIZE,
                    new ObjectiveFunction(function::applyAsDouble),
                    new ObjectiveFunctionGradient(gradient::apply),
                    new InitialGuess(start),
                    new MaxEval(MAX_EVALUATIONS));
            return found.getPoint();
        } catch (MathIllegalStateException e) {
            return start;
        }
    }
}
