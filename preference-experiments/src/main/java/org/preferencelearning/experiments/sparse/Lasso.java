package org.preferencelearning.experiments.sparse;

/** l1-penalised likelihood by accelerated proximal gradients (Beck and Teboulle 2009) with restarts. */
final class Lasso {
    private static final int MAX_ITERATIONS = 2000;
    private static final double TOLERANCE = 1e-7;

    private Lasso() {}

    /** Minimises loss plus {@code penalty} times the l1 norm, from {@code start}. */
    static double[] fit(PairLikelihood likelihood, double penalty, double[] start) {
        double[] x = start.clone();
        double[] momentum = start.clone();
        double step = 1;
        double weight = 1;
        for (int i = 0; i < MAX_ITERATIONS; i++) {
            double[] gradient = likelihood.gradient(momentum);
            double loss = likelihood.loss(momentum);
            double[] next = proximal(momentum, gradient, step, penalty);
            while (likelihood.loss(next) > loss + model(momentum, next, gradient, step) + 1e-14) {
                step /= 2;
                next = proximal(momentum, gradient, step, penalty);
            }
            double nextWeight = (1 + Math.sqrt(1 + 4 * weight * weight)) / 2;
            double moved = 0;
            double against = 0;
            for (int k = 0; k < x.length; k++) {
                moved = Math.max(moved, Math.abs(next[k] - x[k]));
                against += (momentum[k] - next[k]) * (next[k] - x[k]);
            }
            // momentum that points uphill is dropped (O'Donoghue and Candes 2015)
            double keep = against > 0 ? 0 : (weight - 1) / nextWeight;
            for (int k = 0; k < x.length; k++) {
                momentum[k] = next[k] + keep * (next[k] - x[k]);
            }
            weight = against > 0 ? 1 : nextWeight;
            x = next;
            if (moved < TOLERANCE) {
                break;
            }
        }
        return x;
    }

    private static double[] proximal(double[] from, double[] gradient, double step, double penalty) {
        double[] to = new double[from.length];
        for (int k = 0; k < to.length; k++) {
            double moved = from[k] - step * gradient[k];
            to[k] = Math.signum(moved) * Math.max(0, Math.abs(moved) - step * penalty);
        }
        return to;
    }

    private static double model(double[] from, double[] to, double[] gradient, double step) {
        double sum = 0;
        for (int k = 0; k < to.length; k++) {
            double move = to[k] - from[k];
            sum += gradient[k] * move + move * move / (2 * step);
        }
        return sum;
    }
}
