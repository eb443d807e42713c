package org.preferencelearning.core.loss;

import static java.util.Objects.requireNonNull;

import com.google.common.math.Stats;
import com.google.common.math.StatsAccumulator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import org.preferencelearning.core.error.SettingException;

/** How much better than expected sampled responses are: their rewards less a baseline from the others of their prompt. */
public final class Advantages {
    /** Added to a deviation before rewards are divided by it, as TRL does. */
    private static final double LEAST_DEVIATION = 1e-4;

    private Advantages() {}

    /**
     * Rewards less the mean of the prompt's other responses: unbiased, with little variance. Kool et al. 2019; RLOO, Ahmadian et
     * al. 2024 (arXiv 2402.14740).
     *
     * @param rewards of each response
     * @param prompts what tells the prompt of each response; each must have at least two
     * @throws SettingException if a prompt has one response, or a reward is not finite
     */
    public static double[] leaveOneOut(double[] rewards, int[] prompts) {
        return byPrompt(
                rewards, prompts, (reward, group) -> (reward - group.mean()) * group.count() / (group.count() - 1.0));
    }

    /** Rewards less their mean over the prompt's responses, as Dr. GRPO's; parameters and errors as {@link #leaveOneOut}. */
    public static double[] centred(double[] rewards, int[] prompts) {
        return byPrompt(rewards, prompts, (reward, group) -> reward - group.mean());
    }

    /**
     * {@link #centred} and divided by their standard deviation (with n - 1), as GRPO's: prompts whose responses hardly differ
     * count as much as others.
     */
    public static double[] normalised(double[] rewards, int[] prompts) {
        return byPrompt(
                rewards,
                prompts,
                (reward, group) -> (reward - group.mean()) / (group.sampleStandardDeviation() + LEAST_DEVIATION));
    }

    /**
     * Rewards less {@code coefficient} times {@code log(pi / pi_ref)} of each response, whose mean is the divergence from the
     * reference.
     *
     * @param coefficient beta, 0 to 1e6
     */
    public static double[] lessDivergence(double[] rewards, double[] policy, double[] reference, double coefficient) {
        SettingException.requireBetween("coefficient", coefficient, 0, 1e6);
        requireSameLength("policy", policy.length, rewards.length);
        requireSameLength("reference", reference.length, rewards.length);
        double[] less = new double[rewards.length];
        Arrays.setAll(less, i -> rewards[i] - coefficient * (policy[i] - reference[i]));
        return less;
    }

    private static double[] byPrompt(double[] rewards, int[] prompts, ToDoubleBiFunction<Double, Stats> advantage) {
        requireSameLength("prompts", prompts.length, rewards.length);
        Map<Integer, StatsAccumulator> groups = new HashMap<>();
        for (int i = 0; i < rewards.length; i++) {
            SettingException.require(Double.isFinite(rewards[i]), "reward", rewards[i], "a finite number");
            groups.computeIfAbsent(prompts[i], prompt -> new StatsAccumulator()).add(rewards[i]);
        }
        groups.forEach((prompt, group) -> SettingException.require(
                group.count() > 1, "responses of prompt " + prompt, group.count(), "at least 2"));
        double[] advantages = new double[rewards.length];
        Arrays.setAll(
                advantages,
                i -> advantage.applyAsDouble(
                        rewards[i], requireNonNull(groups.get(prompts[i])).snapshot()));
        return advantages;
    }

    private static void requireSameLength(String name, int length, int expected) {
        SettingException.require(length == expected, name, length + " entries", expected + ", one per reward");
    }
}
