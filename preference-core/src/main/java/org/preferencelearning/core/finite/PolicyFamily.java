package org.preferencelearning.core.finite;

import static org.preferencelearning.core.finite.Numbers.logSumExp;

import org.preferencelearning.core.error.SettingException;

/**
 * The policies of a class as a smooth family {@code pi(y|x) = exp(offset + theta . psi) / Z}, and the objectives and
 * gradients over theta that the methods need. For all policies the offset is the log-reference, so theta 0 is the reference,
 * and the last response's feature is left out, which makes theta unique.
 */
final class PolicyFamily {
    private final FiniteProblem problem;
    private final FeatureMap features;
    private final boolean fromReference;

    private PolicyFamily(FiniteProblem problem, FeatureMap features, boolean fromReference) {
        this.problem = problem;
        this.features = features;
        this.fromReference = fromReference;
    }

    static PolicyFamily of(FiniteProblem problem, FunctionClass policies) {
        if (policies instanceof FunctionClass.Linear linear) {
            checkFeatures(problem, linear.features());
            return new PolicyFamily(problem, linear.features(), false);
        }
        return new PolicyFamily(problem, tabular(problem), true);
    }

    static void checkFeatures(FiniteProblem problem, FeatureMap features) {
        SettingException.require(
                features.prompts() == problem.prompts() && features.responses() == problem.responses(),
                "features",
                features.prompts() + " x " + features.responses() + " prompts and responses",
                problem.prompts() + " x " + problem.responses());
    }

    private static FeatureMap tabular(FiniteProblem problem) {
        int free = Math.max(1, problem.responses() - 1);
        double[][][] features = new double[problem.prompts()][problem.responses()][problem.prompts() * free];
        for (int x = 0; x < problem.prompts(); x++) {
            for (int y = 0; y < problem.responses() - 1; y++) {
                features[x][y][x * free + y] = 1;
            }
        }
        return FeatureMap.ofPrompts(features);
    }

    int dimension() {
        return features.dimension();
    }

    FeatureMap features() {
        return features;
    }

    double[] logPolicy(double[] theta, int prompt) {
        double[] logits = features.scores(prompt, theta);
        if (fromReference) {
            for (int y = 0; y < logits.length; y++) {
                logits[y] += Math.log(problem.referenceAt(prompt, y));
            }
        }
        double log = logSumExp(logits);
        for (int y = 0; y < logits.length; y++) {
            logits[y] -= log;
        }
        return logits;
    }

    double[][] policy(double[] theta) {
        double[][] policy = new double[problem.prompts()][];
        for (int x = 0; x < policy.length; x++) {
            policy[x] = exp(logPolicy(theta, x));
        }
        return policy;
    }

    /** Regularised value under {@code reward}. */
    double value(double[] theta, double[][] reward) {
        return problem.value(policy(theta), reward);
    }

    double[] valueGradient(double[] theta, double[][] reward) {
        double[] gradient = new double[dimension()];
        for (int x = 0; x < problem.prompts(); x++) {
            double[] log = logPolicy(theta, x);
            double[] p = exp(log);
            double[] advantage = new double[p.length];
            double mean = 0;
            for (int y = 0; y < p.length; y++) {
                advantage[y] = reward[x][y] - problem.beta() * (log[y] - Math.log(problem.referenceAt(x, y)));
                mean += p[y] * advantage[y];
            }
            for (int y = 0; y < p.length; y++) {
                add(gradient, x, y, problem.promptWeight(x) * p[y] * (advantage[y] - mean));
            }
        }
        return gradient;
    }

    /** Population DPO loss with pairs from {@code sampler} at {@code samplerTheta}. */
    double dpoLoss(double[] theta, Sampler sampler, double[] samplerTheta) {
        double loss = 0;
        for (int x = 0; x < problem.prompts(); x++) {
            loss += problem.promptWeight(x)
                    * problem.preferenceLoss(x, implicitReward(theta, x), pairs(sampler, samplerTheta, x));
        }
        return loss;
    }

    /** Gradient of {@link #dpoLoss} by theta; the sampler is not differentiated. */
    double[] dpoGradient(double[] theta, Sampler sampler, double[] samplerTheta) {
        double[] gradient = new double[dimension()];
        for (int x = 0; x < problem.prompts(); x++) {
            double[] byScore =
                    problem.preferenceLossGradient(x, implicitReward(theta, x), pairs(sampler, samplerTheta, x));
            for (int y = 0; y < byScore.length; y++) {
                // the normaliser cancels in every margin, so only beta theta . psi counts
                add(gradient, x, y, problem.promptWeight(x) * problem.beta() * byScore[y]);
            }
        }
        return gradient;
    }

    double[] implicitReward(double[] theta, int prompt) {
        double[] log = logPolicy(theta, prompt);
        for (int y = 0; y < log.length; y++) {
            log[y] = problem.beta() * (log[y] - Math.log(problem.referenceAt(prompt, y)));
        }
        return log;
    }

    private double[][] pairs(Sampler sampler, double[] theta, int prompt) {
        return sampler.pairs(exp(logPolicy(theta, prompt)), problem.referenceAt(prompt), problem.beta());
    }

    private void add(double[] gradient, int prompt, int response, double factor) {
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] += factor * features.get(prompt, response, k);
        }
    }

    private static double[] exp(double[] logs) {
        double[] values = new double[logs.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.exp(logs[i]);
        }
        return values;
    }
}
