package org.preferencelearning.core.model;

import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.device.Device;
import org.preferencelearning.core.device.DeviceTensor;

/**
 * A named tensor of a model and its gradient. Both are owned by the {@link ParameterStore} that made them. While the model
 * computes on a {@link Device}, each has a twin there; what is asked for, on either side, is up to date.
 */
public final class Parameter {
    private final String name;
    private final Twin value;
    private final boolean trained;
    private final boolean decayed;
    private @Nullable Twin gradient;
    private @Nullable DeferredGradient deferred;
    private Optional<Device> device = Optional.empty();

    Parameter(String name, INDArray value, boolean trained, boolean decayed) {
        this.name = name;
        this.value = new Twin(value);
        this.trained = trained;
        this.decayed = decayed;
    }

    /** Name, unique in its store. */
    public String name() {
        return name;
    }

    /** Sizes of the value's axes. */
    public long[] shape() {
        return value.shape();
    }

    /** Number of values. */
    public long length() {
        return LongStream.of(value.shape()).reduce(1, (a, b) -> a * b);
    }

    /** Type of the values. */
    public DataType type() {
        return value.type();
    }

    /**
     * The live value: always the same array. On a device it may be read and changed until the model is next used; ask again
     * after that.
     */
    public INDArray value() {
        return value.host();
    }

    /** As {@link #value()}, for who changes nothing: what is on a device stays up to date. */
    public INDArray readValue() {
        return value.read();
    }

    /** The value on the store's device; to be changed only by who then calls {@link #changeOnDevice()}. */
    public DeviceTensor onDevice() {
        return value.onDevice();
    }

    /** The value on the store's device, to be changed. */
    public DeviceTensor changeOnDevice() {
        return value.changedOnDevice();
    }

    /**
     * The accumulated gradient on the store's device, to be added to; it takes memory from the first call on.
     *
     * @throws IllegalStateException if the parameter is frozen
     */
    public DeviceTensor gradientOnDevice() {
        requireTrained();
        if (gradient == null) {
            gradient = new Twin(device.orElseThrow(), value.shape());
        }
        return gradient.changedOnDevice();
    }

    void moveTo(Optional<Device> target) {
        value.moveToHost();
        Optional.ofNullable(gradient).ifPresent(Twin::moveToHost);
        device = target;
        target.ifPresent(where -> {
            value.moveTo(where);
            Optional.ofNullable(gradient).ifPresent(twin -> twin.moveTo(where));
        });
    }

    /**
     * The accumulated gradient, of the value's shape: always the same array. It takes memory from the first call on; a
     * deferred gradient is computed.
     *
     * @throws IllegalStateException if the parameter is frozen
     */
    public INDArray gradient() {
        requireTrained();
        if (gradient == null && device.isPresent()) {
            gradient = new Twin(device.get(), value.shape());
        } else if (gradient == null) {
            INDArray zeros = Nd4j.create(value.type(), value.shape());
            gradient = new Twin(zeros);
            deferred().ifPresent(part -> part.rows(0, zeros));
            deferred = null;
        }
        return gradient.host();
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
        try (INDArray computed = Nd4j.createUninitialized(value.type(), value.shape())) {
            part.rows(0, computed);
            gradient.host().addi(computed);
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
            gradient.clear();
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
