package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.sampleComplexityStudy;

import java.util.stream.IntStream;
import org.preferencelearning.core.finite.ConjugateGradients;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.sparse.DualTokenWorld;
import org.preferencelearning.experiments.sparse.Estimator;
import org.preferencelearning.experiments.sparse.KnownMethod;
import org.preferencelearning.experiments.sparse.PairLikelihood;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.sparse.SparseMethod;

/** An estimator of one's own in a study of sparse rewards. */
public final class OwnSparseMethod {
    /** A reward by maximum likelihood less {@code penalty} times half its squared length: ridge regression. */
    public record Ridge(double penalty) implements SparseMethod {
        @Override
        public String label() {
            return "RLHF ridge " + penalty;
        }

        @Override
        public boolean implicit() {
            return false;
        }

        @Override
        public double[] estimate(PairLikelihood pairs, int count, int sparsity) {
            return ConjugateGradients.minimise(
                    theta -> pairs.loss(theta) + penalty / 2 * squaredLength(theta),
                    theta -> sum(pairs.gradient(theta), penalty, theta),
                    new double[pairs.parameters()]);
        }

        private static double squaredLength(double[] theta) {
            return IntStream.range(0, theta.length)
                    .mapToDouble(i -> theta[i] * theta[i])
                    .sum();
        }

        private static double[] sum(double[] one, double factor, double[] other) {
            return IntStream.range(0, one.length)
                    .mapToDouble(i -> one[i] + factor * other[i])
                    .toArray();
        }
    }

    private OwnSparseMethod() {}

    /** The study. */
    public static SampleComplexityStudy study() {
        return sampleComplexityStudy("own sparse method")
                .world(new DualTokenWorld(20, 2, 200, 1, 0))
                .sizes(200, 800)
                .compare(new KnownMethod(Estimator.REWARD_DENSE), new Ridge(1e-9), new Ridge(0.01));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
