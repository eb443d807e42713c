package org.preferencelearning.core.model;

import java.util.Optional;

/** A {@link ForwardPass} with a value for every response token, one sequence after the other. */
public interface TokenPass extends ForwardPass {
    /** Of each token, if they were asked for; constants of this pass. */
    Optional<TokenDistributions> distributions();
}
