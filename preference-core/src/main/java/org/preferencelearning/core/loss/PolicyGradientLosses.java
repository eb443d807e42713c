package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.atLeast;
import static org.preferencelearning.core.loss.LossMath.atMost;
import static org.preferencelearning.core.loss.LossMath.exp;
import static org.preferencelearning.core.loss.LossMath.positivePart;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/**
 * Policy gradients of sampled responses: {@code l} is the policy's log-probability of a response of n tokens, {@code k} that of
 * the policy that drew it, {@code A} its advantage. With {@link Advantages#leaveOneOut}, {@link #reinforce} and {@link #clipped}
 * are RLOO.
 *
 * <p>Ratios are of whole responses: while the policy is still the one that drew the responses, slopes are those of
 * {@link TokenPolicyGradientLosses}; after updates, those clip each token by its own ratio and these clip a response by its mean. A
 * log-ratio beyond 20 counts as 20 and has no slope.
 */
public final class PolicyGradientLosses {
    private static final double LARGEST_LOG_RATIO = 20;

    /** A setting in a loss's name. */
    static final String NUMBER = "_(\\d+(?:\\.\\d+)?(?:E-?\\d+)?)";

    private static final Pattern CLIPPED = Pattern.compile("(ppo_clip|grpo)" + NUMBER);
    private static final Pattern DR_GRPO = Pattern.compile("dr_grpo" + NUMBER + "_(\\d{1,9})");

    private PolicyGradientLosses() {}

    /** Forms of the names that {@link #named} takes. */
    public static List<String> names() {
        return List.of("reinforce", "ppo_clip_0.2", "grpo_0.2", "dr_grpo_0.2_128");
    }

    /**
     * The loss of a name with its settings: e, and N of {@code dr_grpo}.
     *
     * @throws SettingException if there is none of this name, or a setting is out of range
     */
    public static RolloutLoss named(String name) {
        if (name.equals("reinforce")) {
            return reinforce();
        }
        Matcher clipped = CLIPPED.matcher(name);
        if (clipped.matches()) {
            double epsilon = Double.parseDouble(clipped.group(2));
            return clipped.group(1).equals("grpo") ? grpo(epsilon) : clipped(epsilon);
        }
        Matcher whole = DR_GRPO.matcher(name);
        SettingException.require(
                whole.matches(),
                "loss",
                name,
                String.join(", ", names()) + ", all but the first also with other settings");
        return drGrpo(Double.parseDouble(whole.group(1)), Integer.parseInt(whole.group(2)));
    }

    /** REINFORCE: {@code -A l}. Williams 1992; {@code k} is not read. */
    public static RolloutLoss reinforce() {
        return new Expression("reinforce", b -> b.policy().mul(b.advantage()).neg());
    }

    /**
     * PPO's clipped surrogate: {@code -min(p A, clip(p, 1 - e, 1 + e) A)}, {@code p = exp(l - k)}. Schulman et al. 2017 (arXiv
     * 1707.06347), equation 7, of whole responses, as TRL's RLOO.
     *
     * @param epsilon e, above 0 and below 1
     */
    public static RolloutLoss clipped(double epsilon) {
        requireEpsilon("epsilon", epsilon);
        return new Expression(
                "ppo_clip_" + epsilon, b -> surrogate(b.policy().sub(b.behaviour()), b.advantage(), epsilon, epsilon));
    }

    /**
     * GRPO: {@link #clipped} with {@code p = exp((l - k) / n)}, so that a response counts alike however long. Shao et al. 2024
     * (arXiv 2402.03300), equation 3 without its divergence, which {@link Advantages#lessDivergence} takes into the reward; the
     * ratio is GSPO's (arXiv 2507.18071). Advantages by {@link Advantages#normalised}.
     *
     * @param epsilon e, above 0 and below 1
     */
    public static RolloutLoss grpo(double epsilon) {
        requireEpsilon("epsilon", epsilon);
        return new Expression("grpo_" + epsilon, b -> meanSurrogate(b, epsilon));
    }

    /**
     * Dr. GRPO: {@link #grpo} times {@code n / N}, so that a token counts alike however long its response, with advantages by
     * {@link Advantages#centred}. Liu et al. 2025 (arXiv 2503.20783).
     *
     * @param epsilon e, above 0 and below 1
     * @param maxTokens N, the largest number of tokens of a response, at least 1
     */
    public static RolloutLoss drGrpo(double epsilon, int maxTokens) {
        requireEpsilon("epsilon", epsilon);
        SettingException.requireAtLeast("maxTokens", maxTokens, 1);
        return new Expression("dr_grpo_" + epsilon + "_" + maxTokens, b -> meanSurrogate(b, epsilon)
                .mul(b.tokens().div(maxTokens)));
    }

    static void requireEpsilon(String name, double epsilon) {
        SettingException.require(epsilon > 0 && epsilon < 1, name, epsilon, "above 0 and below 1");
    }

    private static SDVariable meanSurrogate(RolloutBatch b, double epsilon) {
        return surrogate(b.policy().sub(b.behaviour()).div(b.tokens()), b.advantage(), epsilon, epsilon);
    }

    /** {@code -min(p A, clip(p, 1 - low, 1 + high) A)}. */
    static SDVariable surrogate(SDVariable logRatio, SDVariable advantage, double low, double high) {
        SDVariable ratio = exp(atMost(logRatio, LARGEST_LOG_RATIO));
        SDVariable gain = positivePart(advantage);
        // Which of the two is least depends on the sign of A alone: no tie at p = 1, whose slope would be ambiguous.
        return gain.mul(atMost(ratio, 1 + high))
                .add(advantage.sub(gain).mul(atLeast(ratio, 1 - low)))
                .neg();
    }

    private record Expression(String name, Function<RolloutBatch, SDVariable> expression) implements RolloutLoss {
        @Override
        public SDVariable perResponse(RolloutBatch batch) {
            return expression.apply(batch);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
