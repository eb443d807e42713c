package org.preferencelearning.core.model;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;

/** A model whose parameters a trainer can change. It serves one thread at a time: see {@link ParameterStore#use}. */
public interface Trainable extends AutoCloseable {
    /** The parameters and their gradients. */
    ParameterStore parameters();

    /** Evaluates sequences so that the result can be differentiated. */
    ForwardPass forward(List<TokenSequence> sequences);

    /** Frees the parameters and every buffer. */
    @Override
    void close();
}
