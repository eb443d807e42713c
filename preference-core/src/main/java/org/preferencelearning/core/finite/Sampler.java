package org.preferencelearning.core.finite;

/** Where online DPO draws its pairs from; the draw is not differentiated. */
public enum Sampler {
    /** Both responses from the current policy. */
    ON_POLICY("on-policy") {
        @Override
        public double[][] pairs(double[] policy, double[] reference, double beta) {
            return product(policy, policy);
        }
    },
    /**
     * PILAF: with probability {@code 1/(1+Z)} both from the policy, else one from the policy tilted towards its own implicit
     * reward and one tilted away. Definition 1 of arXiv 2505.19770; formula as in arXiv 2502.04270.
     */
    PILAF("PILAF") {
        @Override
        public double[][] pairs(double[] policy, double[] reference, double beta) {
            int n = policy.length;
            double[] up = new double[n];
            double[] down = new double[n];
            for (int y = 0; y < n; y++) {
                double implicit = beta * (Math.log(policy[y]) - Math.log(reference[y]));
                up[y] = Math.log(policy[y]) + implicit;
                down[y] = Math.log(policy[y]) - implicit;
            }
            double logUp = Numbers.logSumExp(up);
            double logDown = Numbers.logSumExp(down);
            for (int y = 0; y < n; y++) {
                up[y] = Math.exp(up[y] - logUp);
                down[y] = Math.exp(down[y] - logDown);
            }
            double tilted = Numbers.sigmoid(logUp + logDown);
            double[][] pairs = product(policy, policy);
            for (int y = 0; y < n; y++) {
                for (int z = 0; z < n; z++) {
                    // the order of a pair does not matter to the loss
                    double mixed = 0.5 * (up[y] * down[z] + up[z] * down[y]);
                    pairs[y][z] = (1 - tilted) * pairs[y][z] + tilted * mixed;
                }
            }
            return pairs;
        }
    },
    /** Both responses from the reference policy, as offline DPO. */
    REFERENCE("reference") {
        @Override
        public double[][] pairs(double[] policy, double[] reference, double beta) {
            return product(reference, reference);
        }
    };

    private final String label;

    Sampler(String label) {
        this.label = label;
    }

    /** Short name for tables. */
    public String label() {
        return label;
    }

    /**
     * Probability of each ordered pair of responses to a prompt; symmetric, sums to 1.
     *
     * @param policy its probabilities, all above 0
     * @param reference those of the reference policy, all above 0
     * @param beta of implicit rewards
     */
    public abstract double[][] pairs(double[] policy, double[] reference, double beta);

    private static double[][] product(double[] first, double[] second) {
        double[][] pairs = new double[first.length][second.length];
        for (int y = 0; y < first.length; y++) {
            for (int z = 0; z < second.length; z++) {
                pairs[y][z] = first[y] * second[z];
            }
        }
        return pairs;
    }
}
