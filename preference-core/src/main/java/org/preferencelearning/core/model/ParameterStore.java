package org.preferencelearning.core.model;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.device.Device;
import org.preferencelearning.core.error.PreferenceException;

/**
 * The parameters of one model, in a fixed order. Owns their tensors and frees them when closed. One thread at a time may
 * {@link #use} them; what is refused to a second one is refused before anything is touched.
 */
public final class ParameterStore implements AutoCloseable {
    private static final long FINGERPRINT_VALUES = 64;

    private final Map<String, Parameter> parameters;
    private final UseGuard guard = new UseGuard();
    private boolean deferring;
    private Optional<Device> device = Optional.empty();

    private ParameterStore(Map<String, Parameter> parameters) {
        this.parameters = parameters;
    }

    /** Starts an empty store. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Does something that reads or changes the parameters, or buffers that go with them, while no other thread does.
     *
     * @param what what is done, for messages
     * @throws org.preferencelearning.core.error.ConcurrentUseException if another thread is in the middle of a use
     * @throws org.preferencelearning.core.error.ClosedException if the parameters are closed
     */
    public <T> T use(String what, Supplier<T> work) {
        return guard.use(what, work);
    }

    /** As {@link #use(String, Supplier)}, without a result. */
    public void use(String what, Runnable work) {
        guard.use(what, () -> {
            work.run();
            return null;
        });
    }

    /**
     * All parameters, in order.
     *
     * @throws org.preferencelearning.core.error.ClosedException if they are closed
     */
    public List<Parameter> all() {
        guard.requireOpen("reading its parameters");
        return ImmutableList.copyOf(parameters.values());
    }

    /**
     * The trained parameters, in order.
     *
     * @throws org.preferencelearning.core.error.ClosedException if they are closed
     */
    public List<Parameter> trained() {
        guard.requireOpen("reading its parameters");
        return parameters.values().stream().filter(Parameter::trained).toList();
    }

    /**
     * The parameter of that name.
     *
     * @throws IllegalArgumentException if there is none
     * @throws org.preferencelearning.core.error.ClosedException if they are closed
     */
    public Parameter get(String name) {
        guard.requireOpen("reading its parameters");
        Parameter parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter '" + name + "'; there are " + parameters.keySet());
        }
        return parameter;
    }

    /** Number of values in all parameters. */
    public long count() {
        return all().stream().mapToLong(Parameter::length).sum();
    }

    /** Number of values in the trained parameters. */
    public long trainedCount() {
        return trained().stream().mapToLong(Parameter::length).sum();
    }

    /**
     * Tells other weights from these: a hash of names, shapes and a sample of every tensor's values. An update changes it, as
     * it moves every value of a tensor; a change of single values may go unseen.
     */
    public HashCode fingerprint() {
        return use("telling its weights from others", this::hash);
    }

    private HashCode hash() {
        Hasher hasher = Hashing.murmur3_128().newHasher();
        for (Parameter parameter : parameters.values()) {
            INDArray value = parameter.readValue();
            hasher.putUnencodedChars(parameter.name());
            for (long size : value.shape()) {
                hasher.putLong(size);
            }
            long step = Math.max(1, value.length() / FINGERPRINT_VALUES);
            for (long i = 0; i < value.length(); i += step) {
                hasher.putDouble(value.getDouble(i));
            }
        }
        return hasher.hash();
    }

    /** Tells other values of the trained parameters from these: a checksum of every bit of each. */
    public long checksum() {
        CRC32C checksum = new CRC32C();
        Hasher hasher = Hashing.murmur3_128().newHasher();
        for (Parameter parameter : trained()) {
            checksum.reset();
            checksum.update(parameter.readValue().data().asNio());
            hasher.putLong(checksum.getValue());
        }
        return hasher.hash().asLong();
    }

    /** Where the model computes, if not where ND4J does. */
    public Optional<Device> device() {
        return device;
    }

    /**
     * Moves values and gradients to a device, or back to the host. Optimisers of the parameters must be made after that.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if the device has no memory for them; they are then on the
     *     host
     */
    public void moveTo(Optional<Device> target) {
        use("moving it to a device", () -> {
            computeDeferredGradients();
            try {
                parameters.values().forEach(parameter -> parameter.moveTo(target));
                device = target;
            } catch (PreferenceException e) {
                parameters.values().forEach(parameter -> parameter.moveTo(Optional.empty()));
                device = Optional.empty();
                throw e;
            }
        });
    }

    /** Sets every gradient to zero. */
    public void clearGradients() {
        use("clearing its gradients", () -> trained().forEach(Parameter::clearGradient));
    }

    /**
     * Whether the model may leave gradients of matrices to be computed when they are used. It saves their memory where each
     * update follows a single backward pass, and costs time where several passes are added up.
     */
    public boolean defersGradients() {
        return deferring;
    }

    /** Chooses {@link #defersGradients}, which is off at first. */
    public void deferGradients(boolean allowed) {
        deferring = allowed;
    }

    /** Computes every deferred gradient, before what they are computed from is overwritten. */
    public void computeDeferredGradients() {
        trained().stream().filter(parameter -> parameter.deferred().isPresent()).forEach(Parameter::gradient);
    }

    /** Copies the values of {@code other}, which must have the same names and shapes. */
    public void copyFrom(ParameterStore other) {
        use(
                "copying weights into it",
                () -> other.use(
                        "copying its weights",
                        () -> parameters.forEach((name, parameter) ->
                                parameter.value().assign(other.get(name).readValue()))));
    }

    /**
     * Frees the tensors; again is fine.
     *
     * @throws org.preferencelearning.core.error.ConcurrentUseException if another thread is in the middle of a use
     */
    @Override
    public void close() {
        close(() -> {});
    }

    /**
     * As {@link #close()}.
     *
     * @param first frees what is there only as long as the parameters are
     */
    public void close(Runnable first) {
        guard.close(() -> {
            first.run();
            parameters.values().forEach(Parameter::close);
        });
    }

    /** Collects parameters for a store. */
    public static final class Builder {
        private final Map<String, Parameter> parameters = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds a parameter and takes over its tensor.
         *
         * @param trained whether it gets a gradient
         * @param decayed whether weight decay applies to it
         */
        public Builder add(String name, INDArray value, boolean trained, boolean decayed) {
            if (parameters.put(name, new Parameter(name, value, trained, decayed)) != null) {
                throw new IllegalArgumentException("parameter '" + name + "' is added twice");
            }
            return this;
        }

        /** The finished store. */
        public ParameterStore build() {
            return new ParameterStore(parameters);
        }
    }
}
