package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonTypeIdResolver;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.task.KindResolver;

/**
 * How a policy is trained in a {@link DualTokenStudy}: one of this library's, which are {@link DualMethod}, a loss of your own by
 * {@link PopulationLoss}, or a record of your own, whose class and components are what a study that uses it is written down with.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CUSTOM, property = "kind", defaultImpl = DualMethod.class)
@JsonTypeIdResolver(KindResolver.class)
@JsonSubTypes(@JsonSubTypes.Type(value = PopulationLoss.class, name = "population_loss"))
public interface DualTokenMethod {
    /** Short name for tables and claims. */
    String label();

    /** Whether a reward is fitted first, which {@link Given#reward} then is. */
    default boolean fitsReward() {
        return false;
    }

    /**
     * Whether it is a search for the largest value under {@link Given#reward} that may end in several places: it then begins at
     * several, where not all weights are trained, and the best end is taken.
     */
    default boolean severalStarts() {
        return false;
    }

    /** Begins a training: called once for each, so that what is drawn or remembered belongs to one. */
    Slope start(Given given);

    /**
     * What a training has.
     *
     * @param world what responses are worth, and sums over them
     * @param reward by prompt and response: the fitted one if the method fits one, otherwise the true one
     * @param rollouts responses that are drawn to each prompt by methods that draw some, at least 2
     * @param random gives whatever is drawn
     */
    record Given(Population world, double[][] reward, int rollouts, RandomSource random) {
        public Given {
            requireNonNull(world, "world");
            requireNonNull(reward, "reward");
            requireNonNull(random, "random");
        }
    }

    /** The direction that a method goes, at each update. */
    @FunctionalInterface
    interface Slope {
        /**
         * The gradient of what is made small.
         *
         * @param log natural logarithms of the policy's probabilities, by prompt and response
         * @return derivatives by them, in the same order; what moves all of a prompt's alike in proportion to their
         *     probabilities moves nothing, as they sum to 1
         */
        double[][] at(double[][] log);
    }
}
