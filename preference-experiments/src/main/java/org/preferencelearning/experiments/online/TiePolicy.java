package org.preferencelearning.experiments.online;

/** What becomes of two responses of equal reward. */
public enum TiePolicy {
    /** The pair is left out and counted; the public code leaves it out. */
    DROP,
    /** The first is chosen, with margin 0. */
    KEEP_FIRST,
    /** The first is chosen, with margin 0 and half the weight. */
    HALF_WEIGHT
}
