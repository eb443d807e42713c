package org.preferencelearning.experiments.dual;

/** REINFORCE with the mean of the other rollouts as baseline (Kool et al. 2019; Ahmadian et al., arXiv 2402.14740). */
final class LeaveOneOut implements DualTokenMethod.Slope {
    private final DualTokenMethod.Given given;

    LeaveOneOut(DualTokenMethod.Given given) {
        this.given = given;
    }

    @Override
    public double[][] at(double[][] log) {
        int rollouts = given.rollouts();
        double[][] implicit = given.world().implicitReward(log);
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
                int y = given.random().nextCategorical(probabilities);
                drawn[i] = y;
                rewards[i] = given.reward()[x][y] - implicit[x][y];
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
