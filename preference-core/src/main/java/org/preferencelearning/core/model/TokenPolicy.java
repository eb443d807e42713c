package org.preferencelearning.core.model;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;

/** A policy that also tells each response token's log-probability, whose sums are those of the responses. */
public interface TokenPolicy extends TrainablePolicy {
    /**
     * Evaluates sequences so that the log-probability of each response token can be differentiated.
     *
     * @param distributions whether to tell what the distributions say, which takes time
     */
    TokenPass forwardTokens(List<TokenSequence> sequences, boolean distributions);

    /**
     * The same, not to be differentiated.
     *
     * @param distributions whether to tell what the distributions say, which takes time
     * @throws org.preferencelearning.core.error.SettingException if a sequence does not fit the policy
     */
    TokenScores tokenScores(List<TokenSequence> sequences, boolean distributions);
}
