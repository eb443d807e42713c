package org.preferencelearning.experiments.sparse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.preferencelearning.core.finite.ConjugateGradients;

/** How a reward, or a policy, is estimated from a sample of pairs. */
public enum Estimator {
    /** A reward with an l1 penalty. */
    REWARD_L1("RLHF l1", false),
    /** The l1 reward's largest k + 1 entries, refitted without penalty; knows k. */
    REWARD_REFIT("RLHF l1+refit", false),
    /** A reward by maximum likelihood. */
    REWARD_DENSE("RLHF dense", false),
    /** A policy by DPO with an l1 penalty. */
    POLICY_L1("DPO l1", true),
    /** A policy by DPO. */
    POLICY_DENSE("DPO dense", true);

    /** The penalty is one of these times {@code sqrt(2 log(2 d) / n)}, the best in hindsight. */
    private static final double[] PENALTIES = {0.15, 0.1, 0.05, 0.02};

    private final String label;
    private final boolean implicit;

    Estimator(String label, boolean implicit) {
        this.label = label;
        this.implicit = implicit;
    }

    /** Short name for tables. */
    public String label() {
        return label;
    }

    boolean implicit() {
        return implicit;
    }

    /** The estimate: of several penalties the one with the smallest true error, as an oracle would choose. */
    double[] estimate(PairLikelihood likelihood, int n, int sparsity) {
        if (this == REWARD_DENSE || this == POLICY_DENSE) {
            return ConjugateGradients.minimise(
                    likelihood::loss, likelihood::gradient, new double[likelihood.parameters()]);
        }
        double unit = Math.sqrt(2 * Math.log(likelihood.parameters()) / n);
        List<double[]> candidates = new ArrayList<>();
        double[] warm = new double[likelihood.parameters()];
        for (double penalty : PENALTIES) {
            warm = Lasso.fit(likelihood, penalty * unit, warm);
            candidates.add(this == REWARD_REFIT ? refit(likelihood, warm, sparsity + 1) : warm);
        }
        return candidates.stream()
                .min(Comparator.comparingDouble(likelihood::error))
                .orElseThrow();
    }

    private static double[] refit(PairLikelihood likelihood, double[] theta, int size) {
        int[] support = IntStream.range(0, theta.length)
                .boxed()
                .sorted(Comparator.comparingDouble(k -> -Math.abs(theta[k])))
                .limit(size)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
        double[] start = Arrays.stream(support).mapToDouble(k -> theta[k]).toArray();
        double[] small = ConjugateGradients.minimise(
                values -> likelihood.loss(spread(values, support, theta.length)),
                values -> {
                    double[] gradient = likelihood.gradient(spread(values, support, theta.length));
                    return Arrays.stream(support).mapToDouble(k -> gradient[k]).toArray();
                },
                start);
        return spread(small, support, theta.length);
    }

    private static double[] spread(double[] values, int[] support, int length) {
        double[] theta = new double[length];
        for (int i = 0; i < support.length; i++) {
            theta[support[i]] = values[i];
        }
        return theta;
    }
}
