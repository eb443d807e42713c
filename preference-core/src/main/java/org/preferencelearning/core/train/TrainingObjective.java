package org.preferencelearning.core.train;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.state.Stateful;

/**
 * What training makes small: a weighted mean of losses over examples.
 *
 * @param <E> one example
 */
public interface TrainingObjective<E> {
    /** The model that is trained. */
    Trainable model();

    /** What an example counts in the mean; 1 for pairs, the number of scored tokens for language modelling. */
    double weight(E example);

    /** What the model evaluates of an example, at least one sequence. */
    List<TokenSequence> sequences(E example);

    /** Tokens of an example's longest sequence; examples of similar length are evaluated together. */
    default int length(E example) {
        return sequences(example).stream().mapToInt(TokenSequence::length).max().orElseThrow();
    }

    /**
     * Checks that an example can be trained on, without evaluating it.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if it cannot
     */
    default void check(E example) {
        sequences(example).forEach(model()::check);
    }

    /** Whether an example's loss depends on the others of its batch, which is then not evaluated in parts. */
    default boolean batchWise() {
        return false;
    }

    /** What is made small, as a short text that tells it from other objectives: a loss and its constants. */
    default String description() {
        return getClass().getSimpleName();
    }

    /** Tells other examples, or the same in another order, from these. */
    default HashCode fingerprint(List<E> examples) {
        Hasher hasher = Hashing.sha256().newHasher();
        for (E example : examples) {
            hasher.putDouble(weight(example));
            for (TokenSequence sequence : sequences(example)) {
                hasher.putInt(sequence.promptLength()).putInt(sequence.length());
                for (int t = 0; t < sequence.length(); t++) {
                    hasher.putInt(sequence.token(t));
                }
            }
        }
        return hasher.hash();
    }

    /** What training on these examples changes besides the model, such as what has been computed of them once. */
    default Stateful state(List<E> examples) {
        return Stateful.none();
    }

    /**
     * Adds the gradient of {@code scale} times the sum of losses to the model's gradients.
     *
     * @return the batch's metrics
     */
    Metrics accumulate(List<E> batch, double scale);

    /** The batch's metrics without any gradient. */
    Metrics evaluate(List<E> batch);
}
