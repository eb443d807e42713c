package org.preferencelearning.experiments.dual;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonTypeIdResolver;
import java.util.function.DoubleUnaryOperator;
import org.preferencelearning.experiments.task.KindResolver;

/**
 * What learns a reward from labelled pairs in a {@link DualTokenSampleStudy}: one of this library's, which are
 * {@link SampleMethod}, a loss of your own by {@link SampleLoss} or {@link SampleRewardLoss}, or a record of your own, whose class
 * and components are what a study that uses it is written down with. Which round is kept, states and measurements are the study's
 * business.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CUSTOM, property = "kind", defaultImpl = SampleMethod.class)
@JsonTypeIdResolver(KindResolver.class)
@JsonSubTypes({
    @JsonSubTypes.Type(value = SampleLoss.class, name = "sample_loss"),
    @JsonSubTypes.Type(value = SampleRewardLoss.class, name = "sample_reward_loss")
})
public interface DualTokenSampleMethod {
    /** Short name for tables and claims. */
    String label();

    /**
     * Whether what learns is a policy, whose scores are its implicit rewards {@code beta log(pi / pi_ref)}, rather than a reward
     * model, whose scores are its rewards.
     */
    boolean implicit();

    /**
     * Begins a training: called once for each.
     *
     * @param world its beta and its reference policy; its true reward is what is to be learned, and not to be read
     */
    Fit start(Population world);

    /** What is made small. */
    interface Fit {
        /**
         * The mean of a function of each pair's margin, the chosen response's score less that of the rejected one.
         *
         * @param loss of a margin
         * @param slope its derivative
         */
        static Fit ofMargins(DoubleUnaryOperator loss, DoubleUnaryOperator slope) {
            return new MarginFit(loss, slope);
        }

        /**
         * Its value, by which the best round is told on pairs that are held out.
         *
         * @param pairs which
         * @param scores by prompt and response; not to be changed
         */
        double loss(PairSample pairs, double[][] scores);

        /**
         * Its derivatives by the scores.
         *
         * @param pairs which
         * @param scores by prompt and response; not to be changed
         * @return by prompt and response
         */
        double[][] gradient(PairSample pairs, double[][] scores);
    }
}
