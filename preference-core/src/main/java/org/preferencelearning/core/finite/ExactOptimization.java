package org.preferencelearning.core.finite;

import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;

/**
 * The methods of Section 3 of arXiv 2505.19770 under exact optimisation, over a {@link FiniteProblem}. Pairs of the offline
 * methods are drawn independently from the reference policy; labels are exact Bradley-Terry probabilities.
 */
public final class ExactOptimization {
    private static final int STARTS = 24;
    private static final double AGREEMENT = 1e-7;
    private static final double BOUND_TOLERANCE = 1e-6;

    private final FiniteProblem problem;
    private final FunctionClass policies;
    private final FunctionClass rewards;
    private final PolicyFamily family;

    /**
     * @param policies class of policies
     * @param rewards class of rewards
     * @throws SettingException if features are not of the problem's shape
     */
    public ExactOptimization(FiniteProblem problem, FunctionClass policies, FunctionClass rewards) {
        this.problem = problem;
        this.policies = policies;
        this.rewards = rewards;
        this.family = PolicyFamily.of(problem, policies);
        if (rewards instanceof FunctionClass.Linear linear) {
            PolicyFamily.checkFeatures(problem, linear.features());
        }
    }

    /** The problem. */
    public FiniteProblem problem() {
        return problem;
    }

    /** Number of parameters of the policy class; for all policies that of a minimal parametrisation. */
    public int dimension() {
        return family.dimension();
    }

    /** The reward of the class with the largest population likelihood; the first stage of RLHF. */
    public ExactFit rewardMle() {
        if (!(rewards instanceof FunctionClass.Linear linear)) {
            return new ExactFit(new double[0], problem.reward(), Certificate.closedForm());
        }
        FeatureMap features = linear.features();
        Search search = search(
                theta -> rewardLoss(features, theta),
                theta -> rewardGradient(features, theta),
                features.dimension(),
                1);
        double[][] table = new double[problem.prompts()][];
        for (int x = 0; x < table.length; x++) {
            table[x] = features.scores(x, search.best);
        }
        return new ExactFit(search.best, table, search.certificate(OptionalDouble.empty()));
    }

    private double rewardLoss(FeatureMap features, double[] theta) {
        double loss = 0;
        for (int x = 0; x < problem.prompts(); x++) {
            loss += problem.promptWeight(x) * problem.preferenceLoss(x, features.scores(x, theta), referencePairs(x));
        }
        return loss;
    }

    private double[] rewardGradient(FeatureMap features, double[] theta) {
        double[] gradient = new double[theta.length];
        for (int x = 0; x < problem.prompts(); x++) {
            double[] byScore = problem.preferenceLossGradient(x, features.scores(x, theta), referencePairs(x));
            for (int y = 0; y < byScore.length; y++) {
                for (int k = 0; k < gradient.length; k++) {
                    gradient[k] += problem.promptWeight(x) * byScore[y] * features.get(x, y, k);
                }
            }
        }
        return gradient;
    }

    private double[][] referencePairs(int prompt) {
        double[] reference = problem.referenceAt(prompt);
        return Sampler.REFERENCE.pairs(reference, reference, problem.beta());
    }

    /** Two-stage RLHF: {@link #rewardMle}, then the best policy of the class under that reward. */
    public ExactFit rlhf() {
        return bestPolicy(rewardMle().table());
    }

    /** The policy of the class with the largest value under the true reward; its value bounds every method's. */
    public ExactFit classOptimum() {
        return bestPolicy(problem.reward());
    }

    /** The best of all policies under the true reward, in closed form. */
    public ExactFit optimum() {
        return new ExactFit(new double[0], problem.optimalPolicy(problem.reward()), Certificate.closedForm());
    }

    /** The policy of the class with the largest regularised value under {@code reward}. */
    public ExactFit bestPolicy(double[][] reward) {
        if (policies instanceof FunctionClass.Unrestricted) {
            return new ExactFit(new double[0], problem.optimalPolicy(reward), Certificate.closedForm());
        }
        Search search = search(
                theta -> -family.value(theta, reward),
                theta -> negated(family.valueGradient(theta, reward)),
                family.dimension(),
                STARTS);
        OptionalDouble bound = family.dimension() == 1
                ? OptionalDouble.of(OneDimensionalBound.of(problem, family, reward, BOUND_TOLERANCE))
                : OptionalDouble.empty();
        return new ExactFit(search.best, family.policy(search.best), search.certificate(bound));
    }

    /** The policy of the class with the smallest population DPO loss. The loss is convex in a log-linear class. */
    public ExactFit dpo() {
        if (policies instanceof FunctionClass.Unrestricted) {
            return new ExactFit(new double[0], problem.optimalPolicy(problem.reward()), Certificate.closedForm());
        }
        double[] none = new double[family.dimension()];
        Search search = search(
                theta -> family.dpoLoss(theta, Sampler.REFERENCE, none),
                theta -> family.dpoGradient(theta, Sampler.REFERENCE, none),
                family.dimension(),
                1);
        return new ExactFit(search.best, family.policy(search.best), search.certificate(OptionalDouble.empty()));
    }

    /**
     * Where the gradient flow of the DPO loss with pairs from {@code sampler} leads from {@code start}.
     *
     * @param start parameters of the policy class, as many as {@link #dimension()}
     */
    public ExactFit onlineDpo(Sampler sampler, double[] start) {
        return flow(theta -> family.dpoGradient(theta, sampler, theta), start);
    }

    /**
     * Where the exact policy gradient under the fitted reward leads from {@code start}: RLHF whose second stage is local.
     */
    public ExactFit policyGradient(double[] start) {
        double[][] reward = rewardMle().table();
        return flow(theta -> negated(family.valueGradient(theta, reward)), start);
    }

    private ExactFit flow(Function<double[], double[]> field, double[] start) {
        SettingException.require(
                start.length == family.dimension(),
                "start",
                start.length + " values",
                family.dimension() + " values, the dimension of the policy class");
        double[] end = GradientFlow.follow(field, start);
        Certificate certificate = new Certificate(Numbers.norm(field.apply(end)), 1, 1, OptionalDouble.empty());
        return new ExactFit(end, family.policy(end), certificate);
    }

    /** Minimises from the origin and from random points of growing size. */
    private static Search search(
            ToDoubleFunction<double[]> function, Function<double[], double[]> gradient, int dimension, int starts) {
        RandomSource random = RandomSource.of(dimension).stream("starts");
        double[][] ends = new double[starts][];
        double[] values = new double[starts];
        int best = 0;
        for (int i = 0; i < starts; i++) {
            double[] start = new double[dimension];
            double scale = i % 3 == 0 ? 0.5 : i % 3 == 1 ? 3 : 10;
            if (i > 0 || starts > 1) {
                Arrays.setAll(start, k -> scale * random.nextGaussian());
            }
            ends[i] = ConjugateGradients.minimise(function, gradient, start);
            values[i] = function.applyAsDouble(ends[i]);
            if (values[i] < values[best]) {
                best = i;
            }
        }
        double lowest = values[best];
        int agreeing =
                (int) Arrays.stream(values).filter(v -> v < lowest + AGREEMENT).count();
        return new Search(ends[best], Numbers.norm(gradient.apply(ends[best])), starts, agreeing);
    }

    private static double[] negated(double[] values) {
        double[] negated = new double[values.length];
        Arrays.setAll(negated, i -> -values[i]);
        return negated;
    }

    private record Search(double[] best, double gradientNorm, int starts, int agreeing) {
        Certificate certificate(OptionalDouble bound) {
            return new Certificate(gradientNorm, starts, agreeing, bound);
        }
    }
}
