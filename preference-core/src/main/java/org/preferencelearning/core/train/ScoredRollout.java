package org.preferencelearning.core.train;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.Advantages;
import org.preferencelearning.core.model.Rollout;

/**
 * A sampled response and how good it is, to train on.
 *
 * @param sequence prompt and response
 * @param behaviour log-probability of each response token by the policy that drew it, in nats
 * @param advantage how much better than expected the response is; finite
 */
public record ScoredRollout(TokenSequence sequence, ImmutableDoubleArray behaviour, double advantage) {
    public ScoredRollout {
        requireNonNull(sequence, "sequence");
        SettingException.require(
                behaviour.length() == sequence.responseLength(),
                "behaviour",
                behaviour.length() + " entries",
                sequence.responseLength() + ", one a response token");
        SettingException.require(
                behaviour.stream().allMatch(Double::isFinite), "behaviour", behaviour, "finite numbers");
        SettingException.require(Double.isFinite(advantage), "advantage", advantage, "a finite number");
    }

    /**
     * All responses to some prompts with their advantages.
     *
     * @param rollouts of each prompt
     * @param rewards of each prompt's responses, in the same order
     * @param advantages of {@link Advantages}: from rewards, and the number of each reward's prompt
     */
    public static List<ScoredRollout> of(
            List<List<Rollout>> rollouts, List<double[]> rewards, BiFunction<double[], int[], double[]> advantages) {
        SettingException.require(
                rewards.size() == rollouts.size(), "rewards", rewards.size(), rollouts.size() + ", one list a prompt");
        List<Rollout> all = new ArrayList<>();
        List<Integer> prompts = new ArrayList<>();
        for (int prompt = 0; prompt < rollouts.size(); prompt++) {
            List<Rollout> some = rollouts.get(prompt);
            SettingException.require(
                    rewards.get(prompt).length == some.size(),
                    "rewards of prompt " + prompt,
                    rewards.get(prompt).length,
                    some.size() + ", one a response");
            all.addAll(some);
            prompts.addAll(Collections.nCopies(some.size(), prompt));
        }
        double[] flat = rewards.stream().flatMapToDouble(Arrays::stream).toArray();
        double[] found = advantages.apply(
                flat, prompts.stream().mapToInt(Integer::intValue).toArray());
        List<ScoredRollout> scored = new ArrayList<>();
        for (int i = 0; i < flat.length; i++) {
            scored.add(new ScoredRollout(all.get(i).sequence(), all.get(i).logProbabilities(), found[i]));
        }
        return scored;
    }

    /** Log-probability of the whole response by the policy that drew it. */
    double behaviourSum() {
        return behaviour.stream().sum();
    }
}
