package org.preferencelearning.core.finite;

import static org.preferencelearning.core.finite.Numbers.sigmoid;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.random.RandomSource;

/**
 * The identities behind Section 3, each computed along two independent ways on random instances; the residual is the largest
 * difference between them, relative to the size of what is compared. Derivations are this project's ("reconstructed").
 */
public final class Identities {
    private static final int INSTANCES = 20;

    private final FiniteProblem problem;
    private final FeatureMap features;
    private final PolicyFamily family;
    private final double[] theta;

    private Identities(RandomSource random) {
        int responses = 3 + random.nextInt(4);
        double[] reward = gaussians(random, responses, 1);
        double[] logits = gaussians(random, responses, 0.5);
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        double[] reference = Arrays.stream(logits).map(v -> Math.exp(v) / sum).toArray();
        problem = FiniteProblem.bandit(reward, reference, 0.3 + random.nextDouble());
        double[][] rows = new double[responses][];
        Arrays.setAll(rows, y -> gaussians(random, 2, 1));
        features = FeatureMap.of(rows);
        family = PolicyFamily.of(problem, FunctionClass.linear(features));
        theta = gaussians(random, 2, 1);
    }

    /** Every identity with its residual over {@value #INSTANCES} random instances. */
    public static List<Residual> residuals(long seed) {
        RandomSource random = RandomSource.of(seed).stream("identities");
        double[] worst = new double[5];
        for (int i = 0; i < INSTANCES; i++) {
            Identities instance = new Identities(random);
            double[] found = {
                instance.squaredMarginIsPolicyGradient(),
                instance.pilafWeighsByInverseCurvature(),
                instance.pilafDensity(),
                instance.gapIsDivergence(),
                dpoMinimiserIgnoresReward(0.5 + 4 * random.nextDouble(), 0.05 + random.nextDouble())
            };
            for (int k = 0; k < worst.length; k++) {
                worst[k] = Math.max(worst[k], found[k]);
            }
        }
        return ImmutableList.of(
                new Residual("gradient of the squared margin on on-policy pairs = -2 beta grad V", worst[0]),
                new Residual("PILAF gradient = E[(s(D*) - s(D)) / s'(D) grad D] / (2 (1 + Z))", worst[1]),
                new Residual("PILAF pair density = pi pi' / (2 (1 + Z) s'(D))", worst[2]),
                new Residual("V* - V(pi) = beta KL(pi || pi*)", worst[3]),
                new Residual("DPO's minimiser of the strict-gap case is 0 for every R and beta", worst[4]));
    }

    /**
     * How far PILAF's direction is from the policy gradient when the reward mismatch is scaled: by first-order agreement the
     * relative deviation falls in proportion to the scale.
     *
     * @param scales of the mismatch, each above 0
     * @return the relative deviation at each scale, averaged over instances
     */
    public static double[] pilafDeviations(long seed, double... scales) {
        RandomSource random = RandomSource.of(seed).stream("deviation");
        double[] sums = new double[scales.length];
        for (int i = 0; i < INSTANCES; i++) {
            Identities instance = new Identities(random);
            for (int k = 0; k < scales.length; k++) {
                sums[k] += instance.pilafDeviation(scales[k]) / INSTANCES;
            }
        }
        return sums;
    }

    private double squaredMarginIsPolicyGradient() {
        double[] policy = family.policy(theta)[0];
        double[] implicit = family.implicitReward(theta, 0);
        double[] regression = new double[2];
        for (int y = 0; y < policy.length; y++) {
            for (int z = 0; z < policy.length; z++) {
                double error = implicit[y] - implicit[z] - (reward(y) - reward(z));
                for (int k = 0; k < 2; k++) {
                    regression[k] += policy[y] * policy[z] * error * problem.beta() * difference(y, z, k);
                }
            }
        }
        double[] expected = scaled(family.valueGradient(theta, problem.reward()), -2 * problem.beta());
        return distance(regression, expected);
    }

    private double pilafWeighsByInverseCurvature() {
        double[] policy = family.policy(theta)[0];
        double[] implicit = family.implicitReward(theta, 0);
        double[] expected = new double[2];
        for (int y = 0; y < policy.length; y++) {
            for (int z = 0; z < policy.length; z++) {
                double margin = implicit[y] - implicit[z];
                double curvature = sigmoid(margin) * sigmoid(-margin);
                double error = problem.preference(0, y, z) - sigmoid(margin);
                for (int k = 0; k < 2; k++) {
                    expected[k] += policy[y]
                            * policy[z]
                            * error
                            / curvature
                            * problem.beta()
                            * difference(y, z, k)
                            / (2 * (1 + normaliser(policy, implicit)));
                }
            }
        }
        return distance(scaled(family.dpoGradient(theta, Sampler.PILAF, theta), -1), expected);
    }

    private double pilafDensity() {
        double[] policy = family.policy(theta)[0];
        double[] implicit = family.implicitReward(theta, 0);
        double[][] pairs = Sampler.PILAF.pairs(policy, problem.reference()[0], problem.beta());
        double z1 = 1 + normaliser(policy, implicit);
        double worst = 0;
        for (int y = 0; y < policy.length; y++) {
            for (int z = 0; z < policy.length; z++) {
                double margin = implicit[y] - implicit[z];
                double density = policy[y] * policy[z] / (2 * z1 * sigmoid(margin) * sigmoid(-margin));
                worst = Math.max(worst, Math.abs(pairs[y][z] / density - 1));
            }
        }
        return worst;
    }

    private double gapIsDivergence() {
        double[][] policy = family.policy(theta);
        double gap = problem.optimalValue() - problem.value(policy);
        double divergence = problem.divergence(policy, problem.optimalPolicy(problem.reward()));
        return Math.abs(gap - problem.beta() * divergence) / gap;
    }

    private static double dpoMinimiserIgnoresReward(double reward, double beta) {
        FiniteProblem problem =
                FiniteProblem.bandit(new double[] {reward, reward, 0}, new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, beta);
        FeatureMap psi = FeatureMap.of(new double[][] {{1}, {-1}, {0}});
        PolicyFamily family = PolicyFamily.of(problem, FunctionClass.linear(psi));
        double[] zero = new double[1];
        // convex loss: its minimiser is where the gradient vanishes
        return Math.abs(family.dpoGradient(zero, Sampler.REFERENCE, zero)[0]);
    }

    /** {@code r* = r_theta + scale * mismatch}: relative deviation of PILAF's direction from beta grad V / (1 + Z). */
    private double pilafDeviation(double scale) {
        double[] policy = family.policy(theta)[0];
        double[] implicit = family.implicitReward(theta, 0);
        double[] moved = new double[implicit.length];
        Arrays.setAll(moved, y -> implicit[y] + scale * (reward(y) - implicit[y]));
        FiniteProblem near = FiniteProblem.bandit(moved, problem.reference()[0], problem.beta());
        PolicyFamily nearFamily = PolicyFamily.of(near, FunctionClass.linear(features));
        double[] online = scaled(nearFamily.dpoGradient(theta, Sampler.PILAF, theta), -1);
        double factor = problem.beta() / (1 + normaliser(policy, implicit));
        return distance(online, scaled(nearFamily.valueGradient(theta, near.reward()), factor));
    }

    /** {@code Z = E_pi exp(r_theta) * E_pi exp(-r_theta)}. */
    private static double normaliser(double[] policy, double[] implicit) {
        double up = 0;
        double down = 0;
        for (int y = 0; y < policy.length; y++) {
            up += policy[y] * Math.exp(implicit[y]);
            down += policy[y] * Math.exp(-implicit[y]);
        }
        return up * down;
    }

    private double reward(int response) {
        return problem.reward()[0][response];
    }

    private double difference(int first, int second, int coordinate) {
        return features.get(0, first, coordinate) - features.get(0, second, coordinate);
    }

    private static double distance(double[] found, double[] expected) {
        double[] difference = new double[found.length];
        Arrays.setAll(difference, k -> found[k] - expected[k]);
        return Numbers.norm(difference) / Numbers.norm(expected);
    }

    private static double[] scaled(double[] values, double factor) {
        return Arrays.stream(values).map(v -> v * factor).toArray();
    }

    private static double[] gaussians(RandomSource random, int n, double deviation) {
        double[] values = new double[n];
        Arrays.setAll(values, i -> deviation * random.nextGaussian());
        return values;
    }

    /**
     * An identity and how exactly it holds.
     *
     * @param identity in words and symbols; s is the sigmoid, D a margin
     * @param residual largest relative difference between its two sides
     */
    public record Residual(String identity, double residual) {}
}
