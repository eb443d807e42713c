package org.preferencelearning.core.model;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A named tensor of a model and its gradient. Both are owned by the {@link ParameterStore} that made them.
 */
public final class Parameter {
    private final String name;
    private final INDArray value;
    private final INDArray gradient;
    private final boolean decayed;

    Parameter(String name, INDArray value, INDArray gradient, boolean decayed) {
        this.name = name;
        this.value = value;
        this.gradient = gradient;
        this.decayed = decayed;
    }

    /** Name, unique in its store. */
    public String name() {
        return name;
    }

    /** The live value. */
    public INDArray value() {
        return value;
    }

    /**
     * The accumulated gradient, of the value's shape.
     *
     * @throws IllegalStateException if the parameter is frozen
     */
    public INDArray gradient() {
        if (gradient == null) {
            throw new IllegalStateException("parameter '" + name + "' is frozen: it has no gradient");
        }
        return gradient;
    }

    /** Whether the parameter is trained; a frozen one has no gradient. */
    public boolean trained() {
        return gradient != null;
    }

    /** Whether weight decay applies: to weights, not to biases and normalisation parameters. */
    public boolean decayed() {
        return decayed;
    }
}
