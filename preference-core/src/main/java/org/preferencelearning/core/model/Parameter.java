package org.preferencelearning.core.model;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A named tensor of a model and its gradient. Both are owned by the {@link ParameterStore} that made them.
 */
public final class Parameter {
    private final String name;
    private final INDArray value;
    private final boolean trained;
    private final boolean decayed;
    private INDArray gradient;
    private DeferredGradient deferred;

    Parameter(String name, INDArray value, boolean trained, boolean decayed) {
        this.name = name;
        this.value = value;
        this.trained = trained;
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
     * The accumulated gradient, of the value's shape: always the same array. It takes memory from the first call on; a
     * deferred gradient is computed.
     *
     * @throws IllegalStateException if the parameter is frozen
     */
    public INDArray gradient() {
        requireTrained();
        if (gradient == null) {
            gradient = Nd4j.create(value.dataType(), value.shape());
            deferred().ifPresent(part -> part.rows(0, gradient));
            deferred = null;
        }
        return gradient;
    }

    /**
     * Adds to the gradient what need not be computed yet. Where the gradient has an array of its own, it is.
     *
     * @param part of a matrix; becomes the parameter's
     * @throws IllegalStateException if the parameter is frozen, or has a deferred gradient already
     */
    public void defer(DeferredGradient part) {
        requireTrained();
        if (deferred != null) {
            throw new IllegalStateException("parameter '" + name + "' has a deferred gradient already");
        }
        if (gradient == null) {
            deferred = part;
            return;
        }
        try (INDArray computed = Nd4j.createUninitialized(value.dataType(), value.shape())) {
            part.rows(0, computed);
            gradient.addi(computed);
        }
    }

    /** Whether the gradient has an array of its own, so that {@link #defer} computes at once. */
    public boolean hasGradientArray() {
        return gradient != null;
    }

    /** The gradient, where it has not been computed yet. */
    public Optional<DeferredGradient> deferred() {
        return Optional.ofNullable(deferred);
    }

    /** Sets the gradient to zero; one that is deferred is never computed. */
    public void clearGradient() {
        deferred = null;
        if (gradient != null) {
            gradient.assign(0);
        }
    }

    private void requireTrained() {
        if (!trained) {
            throw new IllegalStateException("parameter '" + name + "' is frozen: it has no gradient");
        }
    }

    void close() {
        value.close();
        if (gradient != null) {
            gradient.close();
        }
    }

    /** Whether the parameter is trained; a frozen one has no gradient. */
    public boolean trained() {
        return trained;
    }

    /** Whether weight decay applies: to weights, not to biases and normalisation parameters. */
    public boolean decayed() {
        return decayed;
    }
}
