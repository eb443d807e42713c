package org.preferencelearning.core.model;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;

/** A real number for each response to a prompt: the higher the better. */
@FunctionalInterface
public interface RewardModel {
    /** The reward of each sequence. */
    double[] rewards(List<TokenSequence> sequences);
}
