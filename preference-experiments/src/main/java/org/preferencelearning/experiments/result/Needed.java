package org.preferencelearning.experiments.result;

import java.util.OptionalInt;

/**
 * How much more work would answer a claim that is inconclusive, with a power of 80 %, at a level that suffices beside the study's
 * other claims (Bonferroni's). Seeds and items are those in all, today's among them.
 *
 * @param purpose what is to be told apart
 * @param difference the true difference that is assumed, without its sign, in the metric's unit
 * @param seeds seeds of each side with the items as they are; empty if no number up to {@link #MOST} is enough, or one seed does not
 *     say how seeds vary
 * @param items items with the seeds as they are; empty if no number up to {@link #MOST} is enough, as the seeds' own spread stays,
 *     or no items were kept
 */
public record Needed(Purpose purpose, double difference, OptionalInt seeds, OptionalInt items) {
    /** Beyond this many it is said to be never. */
    public static final int MOST = 100_000;

    /** What the work is to show. */
    public enum Purpose {
        /** That the true difference, if it is the one that was seen, is one. */
        EFFECT_SEEN,
        /** That methods without any true difference are equal within the claim's margin. */
        MARGIN_STATED
    }
}
