package org.preferencelearning.experiments.sparse;

import static java.util.Objects.requireNonNull;

/**
 * One of this library's estimators.
 *
 * @param estimator which
 */
public record KnownMethod(Estimator estimator) implements SparseMethod {
    public KnownMethod {
        requireNonNull(estimator, "estimator");
    }

    @Override
    public String label() {
        return estimator.label();
    }

    @Override
    public boolean implicit() {
        return estimator.implicit();
    }

    @Override
    public double[] estimate(PairLikelihood likelihood, int pairs, int sparsity) {
        return estimator.estimate(likelihood, pairs, sparsity);
    }
}
