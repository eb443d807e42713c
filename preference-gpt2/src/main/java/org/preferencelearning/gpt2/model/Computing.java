package org.preferencelearning.gpt2.model;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.function.Supplier;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.MatrixPrecision;

/**
 * Where a model computes, and how exactly. A model in float32 is made with what is {@linkplain #standard() standard} then; a
 * copy of a model, or what is built on it, with what that model has.
 *
 * @param device where
 * @param precision of products with weights
 */
public record Computing(ComputeDevice device, MatrixPrecision precision) {
    /** Property with the device of models that are not told another. */
    public static final String DEVICE_PROPERTY = "preference.device";

    /** Property with the precision of models in float32 that are not told another. */
    public static final String PRECISION_PROPERTY = "preference.precision";

    /** The processor in float32. */
    static final Computing EXACT = new Computing(ComputeDevice.cpu(), MatrixPrecision.FLOAT32);

    private static final ThreadLocal<Computing> CHOSEN = new ThreadLocal<>();

    public Computing {
        requireNonNull(device, "device");
        requireNonNull(precision, "precision");
    }

    /**
     * What this thread's work was given by {@link #during}; otherwise what {@value #DEVICE_PROPERTY} and
     * {@value #PRECISION_PROPERTY} name; otherwise the processor in float32.
     *
     * @throws SettingException if a property names none
     */
    public static Computing standard() {
        Computing chosen = CHOSEN.get();
        return chosen != null ? chosen : ofProperties();
    }

    private static Computing ofProperties() {
        String device = System.getProperty(DEVICE_PROPERTY, EXACT.device.toString());
        String precision = System.getProperty(PRECISION_PROPERTY, EXACT.precision.name());
        return new Computing(
                ComputeDevice.of(device),
                Arrays.stream(MatrixPrecision.values())
                        .filter(value -> value.name().equalsIgnoreCase(precision))
                        .findFirst()
                        .orElseThrow(() -> new SettingException(PRECISION_PROPERTY, precision, "FLOAT32 or BFLOAT16")));
    }

    /** Does work on this thread during which this is standard. */
    public <A> A during(Supplier<A> work) {
        Computing before = CHOSEN.get();
        CHOSEN.set(this);
        try {
            return work.get();
        } finally {
            if (before == null) {
                CHOSEN.remove();
            } else {
                CHOSEN.set(before);
            }
        }
    }

    /** The same on another device. */
    public Computing withDevice(ComputeDevice other) {
        return new Computing(other, precision);
    }

    /** The same in another precision. */
    public Computing withPrecision(MatrixPrecision other) {
        return new Computing(device, other);
    }
}
