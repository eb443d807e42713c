package org.preferencelearning.experiments.dual;

import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.core.random.RandomSource;

/** The gradient that a method follows, by the logarithms of its policy's probabilities. */
final class ArmGradient {
    private final ArmSettings settings;
    private final Population population;
    private final double[][] own;
    private final RandomSource random;

    /**
     * @param own the reward that it maximises, for those that maximise one
     * @param random of rollouts
     */
    ArmGradient(ArmSettings settings, Population population, double[][] own, RandomSource random) {
        this.settings = settings;
        this.population = population;
        this.own = own;
        this.random = random;
    }

    /** Of what is minimised. */
    double[][] at(double[][] log) {
        return switch (settings.method()) {
            case RLHF, BEST_IN_CLASS -> Population.scaled(population.valueGradient(log, own), -1);
            case POLICY_GRADIENT -> population.squaredMarginGradient(log, own);
            case REINFORCE -> leaveOneOut(log);
            case DPO -> population.directGradient(log, Sampler.REFERENCE);
            case ONLINE_DPO -> population.directGradient(log, Sampler.ON_POLICY);
            case PILAF -> population.directGradient(log, Sampler.PILAF);
            case OPTIMUM, REFERENCE -> throw new IllegalStateException(settings.method() + " is not trained");
        };
    }

    /** REINFORCE with the mean of the other rollouts as baseline (Kool et al. 2019; Ahmadian et al., arXiv 2402.14740). */
    private double[][] leaveOneOut(double[][] log) {
        int rollouts = settings.rollouts();
        double[][] gradient = new double[log.length][];
        for (int x = 0; x < log.length; x++) {
            gradient[x] = new double[log[x].length];
            double[] probabilities = new double[log[x].length];
            for (int y = 0; y < probabilities.length; y++) {
                probabilities[y] = Math.exp(log[x][y]);
            }
            int[] drawn = new int[rollouts];
            double[] rewards = new double[rollouts];
            double sum = 0;
            for (int i = 0; i < rollouts; i++) {
                int y = random.nextCategorical(probabilities);
                drawn[i] = y;
                rewards[i] =
                        own[x][y] - population.beta() * (log[x][y] - population.referenceLog()[x][y]);
                sum += rewards[i];
            }
            for (int i = 0; i < rollouts; i++) {
                double advantage = rewards[i] - (sum - rewards[i]) / (rollouts - 1);
                gradient[x][drawn[i]] -= advantage / rollouts / log.length;
            }
        }
        return gradient;
    }
}
