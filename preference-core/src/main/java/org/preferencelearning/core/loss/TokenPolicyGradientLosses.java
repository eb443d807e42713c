package org.preferencelearning.core.loss;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/**
 * Policy gradients of the tokens of sampled responses: PPO's clipped surrogate {@code -min(p A, clip(p, 1 - e, 1 + f) A)} of each
 * token, {@code p = exp(l - k)}, with {@code l} and {@code k} the log-probabilities of the token by the policy and by the one
 * that drew it, and {@code A} the advantage of its response. The losses differ in how tokens are averaged and responses of
 * unequal lengths count. {@link PolicyGradientLosses} has the forms with one ratio a response.
 *
 * <p>A token whose ratio has left the interval in the advantage's direction has no slope; against it, where {@code A} is
 * negative and p above 1, the loss is not clipped. A log-ratio beyond 20 counts as 20 and has no slope. TRL's {@code beta}, a
 * divergence from the reference in the loss, is not here: {@link Advantages#lessDivergence} takes it into the reward.
 */
public final class TokenPolicyGradientLosses {
    private static final Pattern ONE = Pattern.compile("(token_ppo_clip|token_grpo)" + PolicyGradientLosses.NUMBER);
    private static final Pattern TWO =
            Pattern.compile("(token_dapo|token_dr_grpo)" + PolicyGradientLosses.NUMBER + PolicyGradientLosses.NUMBER);

    private TokenPolicyGradientLosses() {}

    /** Forms of the names that {@link #named} takes. */
    public static List<String> names() {
        return List.of("token_ppo_clip_0.2", "token_grpo_0.2", "token_dr_grpo_0.2_128", "token_dapo_0.2_0.28");
    }

    /**
     * The loss of a name with its settings: e, and N of {@code token_dr_grpo} or f of {@code token_dapo}.
     *
     * @throws SettingException if there is none of this name, or a setting is out of range
     */
    public static TokenRolloutLoss named(String name) {
        Matcher one = ONE.matcher(name);
        if (one.matches()) {
            double epsilon = Double.parseDouble(one.group(2));
            return one.group(1).equals("token_grpo") ? grpo(epsilon) : clipped(epsilon);
        }
        Matcher two = TWO.matcher(name);
        SettingException.require(
                two.matches(), "loss", name, String.join(", ", names()) + ", each also with other settings");
        double low = Double.parseDouble(two.group(2));
        double second = Double.parseDouble(two.group(3));
        if (two.group(1).equals("token_dapo")) {
            return dapo(low, second);
        }
        SettingException.require(
                second == Math.rint(second) && second <= Integer.MAX_VALUE, "maxTokens", second, "whole");
        return drGrpo(low, (int) second);
    }

    /**
     * PPO's clipped surrogate, a token of the batch counting alike in whichever response. Schulman et al. 2017 (arXiv
     * 1707.06347), equation 7.
     *
     * @param epsilon e and f, above 0 and below 1
     */
    public static TokenRolloutLoss clipped(double epsilon) {
        PolicyGradientLosses.requireEpsilon("epsilon", epsilon);
        return ofTokens("token_ppo_clip_" + epsilon, epsilon, epsilon);
    }

    /**
     * GRPO: the mean over a response's tokens, then over responses, so that a token of a short response counts more. Shao et al.
     * 2024 (arXiv 2402.03300), equation 3 without its divergence; TRL's {@code grpo}. Advantages by
     * {@link Advantages#normalised}.
     *
     * @param epsilon e and f, above 0 and below 1
     */
    public static TokenRolloutLoss grpo(double epsilon) {
        PolicyGradientLosses.requireEpsilon("epsilon", epsilon);
        return new Clipped("token_grpo_" + epsilon, epsilon, epsilon, tokens -> 1.0 / tokens, tokens -> 1);
    }

    /**
     * Dr. GRPO: the sum over a response's tokens divided by a constant N, then the mean over responses: a token counts alike
     * however long its response and whatever else is in the batch. Liu et al. 2025 (arXiv 2503.20783); TRL's {@code dr_grpo},
     * whose N is {@code max_completion_length}. Advantages by {@link Advantages#centred}.
     *
     * @param epsilon e and f, above 0 and below 1
     * @param maxTokens N, at least 1
     */
    public static TokenRolloutLoss drGrpo(double epsilon, int maxTokens) {
        PolicyGradientLosses.requireEpsilon("epsilon", epsilon);
        SettingException.requireAtLeast("maxTokens", maxTokens, 1);
        return new Clipped(
                "token_dr_grpo_" + epsilon + "_" + maxTokens, epsilon, epsilon, tokens -> 1.0 / maxTokens, tokens -> 1);
    }

    /**
     * DAPO: the sum over the batch's tokens divided by their number, and a higher bound above 1 than below it. Yu et al. 2025
     * (arXiv 2503.14476), equation 8, without its sampling and its reward of lengths; TRL's {@code dapo} with
     * {@code epsilon_high}. The batch is that of an update, however many parts it is evaluated in.
     *
     * @param low e, above 0 and below 1
     * @param high f, above 0 and below 1; the paper has 0.2 and 0.28
     */
    public static TokenRolloutLoss dapo(double low, double high) {
        PolicyGradientLosses.requireEpsilon("low", low);
        PolicyGradientLosses.requireEpsilon("high", high);
        return ofTokens("token_dapo_" + low + "_" + high, low, high);
    }

    private static TokenRolloutLoss ofTokens(String name, double low, double high) {
        return new Clipped(name, low, high, tokens -> 1.0 / tokens, tokens -> tokens);
    }

    private record Clipped(
            String name, double low, double high, IntToDoubleFunction ofToken, IntToDoubleFunction ofResponse)
            implements TokenRolloutLoss {
        @Override
        public SDVariable perToken(TokenRolloutBatch batch) {
            return PolicyGradientLosses.surrogate(batch.policy().sub(batch.behaviour()), batch.advantage(), low, high);
        }

        @Override
        public double tokenWeight(int tokens) {
            return ofToken.applyAsDouble(tokens);
        }

        @Override
        public double responseWeight(int tokens) {
            return ofResponse.applyAsDouble(tokens);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
