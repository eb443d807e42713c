package org.preferencelearning.core.model;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;

/** A distribution over responses given a prompt. */
@FunctionalInterface
public interface Policy {
    /**
     * For each sequence, the sum over its response tokens of log pi(token | all tokens before it), in nats.
     *
     * @throws org.preferencelearning.core.error.SettingException if a sequence does not fit the policy, for example a
     *     token outside its vocabulary
     */
    double[] logProbabilities(List<TokenSequence> sequences);
}
