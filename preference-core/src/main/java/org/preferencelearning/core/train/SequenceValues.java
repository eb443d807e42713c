package org.preferencelearning.core.train;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.TokenPass;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TokenScores;
import org.preferencelearning.core.model.TrainablePolicy;

/**
 * What a model says of the sequences of a batch.
 *
 * @param values one a sequence, that the loss reads
 * @param tokens what it says of each response token, where that was asked
 * @param backward takes the derivatives by the values; fails where the values are not to be differentiated
 */
record SequenceValues(double[] values, Optional<TokenScores> tokens, Consumer<double[]> backward) {
    static SequenceValues of(ForwardPass pass) {
        return new SequenceValues(pass.values(), Optional.empty(), pass::backward);
    }

    /** Not to be differentiated. */
    static SequenceValues of(double... values) {
        return new SequenceValues(values, Optional.empty(), SequenceValues::refuse);
    }

    /** Log-probabilities of responses. */
    static SequenceValues of(TrainablePolicy policy, List<TokenSequence> sequences, boolean differentiable) {
        return differentiable ? of(policy.forward(sequences)) : of(policy.logProbabilities(sequences));
    }

    /**
     * Sums of the log-probabilities of responses' tokens.
     *
     * @param distributions whether to ask what the tokens' distributions say
     */
    static SequenceValues of(TokenPolicy policy, TokenWeights weights, boolean differentiable, boolean distributions) {
        if (!differentiable) {
            TokenScores scores = policy.tokenScores(weights.sequences(), distributions);
            return new SequenceValues(
                    weights.sums(scores.logProbabilities()), Optional.of(scores), SequenceValues::refuse);
        }
        TokenPass pass = policy.forwardTokens(weights.sequences(), distributions);
        TokenScores scores = new TokenScores(pass.values(), pass.distributions());
        return new SequenceValues(
                weights.sums(scores.logProbabilities()),
                Optional.of(scores),
                upstream -> pass.backward(weights.ofTokens(upstream)));
    }

    private static void refuse(double... upstream) {
        throw new IllegalStateException("these values are not differentiated");
    }
}
