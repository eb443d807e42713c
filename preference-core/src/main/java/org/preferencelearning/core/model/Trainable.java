package org.preferencelearning.core.model;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.state.Stateful;

/** A model whose parameters a trainer can change. It serves one thread at a time: see {@link ParameterStore#use}. */
public interface Trainable extends AutoCloseable {
    /** The parameters and their gradients. */
    ParameterStore parameters();

    /** Evaluates sequences so that the result can be differentiated. */
    ForwardPass forward(List<TokenSequence> sequences);

    /** Tokens of the longest sequence that can be evaluated. */
    default int maxLength() {
        return Integer.MAX_VALUE;
    }

    /**
     * Checks that {@link #forward} can evaluate a sequence, without doing it.
     *
     * @throws org.preferencelearning.core.error.SettingException if it cannot: it is longer than {@link #maxLength}, or has a
     *     token that the model does not know
     */
    default void check(TokenSequence sequence) {
        SettingException.require(
                sequence.length() <= maxLength(),
                "sequence",
                sequence.length() + " tokens",
                "at most " + maxLength() + " tokens, the model's longest sequence");
    }

    /** What a training changes besides the parameters, such as the generator of what is dropped at random. */
    default Stateful trainingState() {
        return Stateful.none();
    }

    /** Frees the parameters and every buffer. */
    @Override
    void close();
}
