package org.preferencelearning.experiments.online;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;

/**
 * Pairs of a policy's own responses.
 *
 * @param pairs with the difference of their rewards
 * @param ties prompts whose compared responses had equal rewards, or were equal
 */
record DrawnPairs(List<TokenPair> pairs, int ties) {
    DrawnPairs {
        pairs = ImmutableList.copyOf(pairs);
    }
}
