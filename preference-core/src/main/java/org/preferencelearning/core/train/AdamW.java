package org.preferencelearning.core.train;

import com.google.common.collect.ObjectArrays;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.device.AdamWUpdate;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.model.DeferredGradient;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch's AdamW. Owns its moments.
 *
 * <p>Not part of the parameters' store, so that several optimisers can follow each other on one model.
 */
public final class AdamW implements Stateful, AutoCloseable {
    /** Values of a deferred gradient that are computed at once, where its rows are not longer. */
    private static final int PART = 1 << 22;

    /** Names of saved moments, as in Adam's paper; of two bfloat16 numbers, one is in the upper half of each float's bits. */
    private static final String FIRST = "m";

    private static final String SECOND = "v";
    private static final String BOTH = "m_and_v_bfloat16";

    private final ParameterStore parameters;
    private final AdamConstants constants;
    private final double weightDecay;
    private final List<Moments> moments = new ArrayList<>();
    private final Optional<DeviceAdamW> onDevice;
    private int steps;
    private @Nullable INDArray part;

    /** An optimiser of the trained parameters of {@code parameters}, with zero moments in their own type. */
    public AdamW(ParameterStore parameters, AdamConstants constants, double weightDecay) {
        this(parameters, constants, weightDecay, MomentPrecision.FLOAT32);
    }

    /**
     * An optimiser of the trained parameters of {@code parameters}, with zero moments.
     *
     * @throws org.preferencelearning.core.error.MemoryException if there is no memory for them
     * @throws SettingException if the moments are to be rounded and a parameter is not in float32 on the CPU, or the
     *     parameters are on a device
     */
    public AdamW(ParameterStore parameters, AdamConstants constants, double weightDecay, MomentPrecision precision) {
        this.parameters = parameters;
        this.constants = constants;
        this.weightDecay = weightDecay;
        boolean rounded = precision == MomentPrecision.BFLOAT16;
        this.onDevice = parameters.device().map(device -> new DeviceAdamW(device, parameters.trained()));
        if (onDevice.isPresent()) {
            SettingException.require(
                    !rounded,
                    "momentPrecision",
                    precision,
                    "FLOAT32 on the device " + parameters.device().get().name());
            return;
        }
        AvailableMemory.require(
                "AdamW's moments of " + parameters.trainedCount() + " trained parameters",
                parameters.trained().stream()
                        .mapToLong(parameter -> (rounded ? 1L : 2L)
                                * parameter.value().length()
                                * parameter.value().dataType().width())
                        .sum());
        for (Parameter parameter : parameters.trained()) {
            INDArray value = parameter.value();
            SettingException.require(
                    !rounded || HostFloats.fits(value),
                    "momentPrecision",
                    precision,
                    "FLOAT32; BFLOAT16 needs parameters in float32 on the CPU, and " + parameter.name()
                            + " is not or is too large");
            moments.add(new Moments(
                    parameter,
                    Nd4j.create(value.dataType(), value.shape()),
                    rounded ? Optional.empty() : Optional.of(Nd4j.create(value.dataType(), value.shape()))));
        }
    }

    /** Number of updates made. */
    public int steps() {
        return steps;
    }

    /**
     * One update from the accumulated gradients, which are 0 afterwards.
     *
     * @param learningRate of this update, not negative
     */
    public void step(double learningRate) {
        step(learningRate, 1);
    }

    /** @param clip factor that the gradients are multiplied by first */
    void step(double learningRate, double clip) {
        parameters.use("an update of its weights", () -> update(learningRate, clip));
    }

    private void update(double learningRate, double clip) {
        if (onDevice.isPresent()) {
            steps++;
            onDevice.get()
                    .update(new AdamWUpdate(
                            steps,
                            learningRate,
                            constants.beta1(),
                            constants.beta2(),
                            constants.epsilon(),
                            weightDecay,
                            clip));
            return;
        }
        double secondCorrection = Math.sqrt(1 - Math.pow(constants.beta2(), steps + 1));
        // ND4J adds epsilon to the root of the uncorrected second moment, PyTorch to that of the corrected one.
        double epsilon = constants.epsilon() * secondCorrection;
        for (int i = 0; i < moments.size(); i++) {
            Moments moment = moments.get(i);
            double keep = moment.parameter.decayed() ? 1 - learningRate * weightDecay : 1;
            INDArray value = moment.parameter.value();
            if (HostFloats.fits(value)) {
                HostAdamW arithmetic = new HostAdamW(
                        (float) clip,
                        (float) keep,
                        (float) (learningRate * secondCorrection / (1 - Math.pow(constants.beta1(), steps + 1))),
                        (float) constants.beta1(),
                        (float) constants.beta2(),
                        (float) epsilon);
                step(moment, arithmetic, steps * moments.size() + i);
            } else {
                step(moment, learningRate, clip, keep, epsilon);
            }
        }
        steps++;
    }

    /** @param draw a number of its own for each parameter and update */
    private void step(Moments moment, HostAdamW arithmetic, int draw) {
        Parameter parameter = moment.parameter;
        INDArray[] updated = moment.second
                .map(second -> new INDArray[] {parameter.value(), moment.first, second})
                .orElseGet(() -> new INDArray[] {parameter.value(), moment.first});
        if (parameter.deferred().isEmpty()) {
            update(moment, arithmetic, new HostFloats(ObjectArrays.concat(parameter.gradient(), updated)), draw, 0);
            return;
        }
        DeferredGradient gradient = parameter.deferred().get();
        long rows = parameter.value().size(0);
        long columns = parameter.value().length() / rows;
        long parts = (parameter.value().length() + PART - 1) / PART;
        long most = (rows + parts - 1) / parts;
        for (long row = 0; row < rows; row += most) {
            INDArray part = part(Math.min(most, rows - row), columns);
            gradient.rows(row, part);
            int start = (int) (row * columns);
            update(moment, arithmetic, HostFloats.from(start, part, updated), draw, start);
        }
        parameter.clearGradient();
    }

    private static void update(Moments moment, HostAdamW arithmetic, HostFloats arrays, int draw, int start) {
        if (moment.second.isPresent()) {
            arithmetic.update(arrays);
        } else {
            arithmetic.updateRounded(arrays, draw, start);
        }
    }

    /** Where some rows of a deferred gradient are computed. */
    private INDArray part(long rows, long columns) {
        if (part == null || part.length() < rows * columns) {
            if (part != null) {
                part.close();
            }
            part = Nd4j.createUninitialized(DataType.FLOAT, Math.max(PART, rows * columns));
        }
        return part.get(NDArrayIndex.interval(0, rows * columns)).reshape(rows, columns);
    }

    /** On any backend and in any type. */
    private void step(Moments moment, double learningRate, double clip, double keep, double epsilon) {
        INDArray value = moment.parameter.value();
        INDArray gradient = moment.parameter.gradient();
        if (clip != 1) {
            gradient.muli(clip);
        }
        if (keep != 1) {
            value.muli(keep);
        }
        // ND4J's operation takes epsilon for a rate of 0, so the moments are then moved with any other rate.
        double rate = learningRate == 0 ? 1 : learningRate;
        Nd4j.exec(new AdamUpdater(
                gradient,
                moment.second.orElseThrow(),
                moment.first,
                rate,
                constants.beta1(),
                constants.beta2(),
                epsilon,
                steps));
        if (learningRate != 0) {
            value.subi(gradient);
        }
        gradient.assign(0);
    }

    @Override
    public void save(StateWriter writer) {
        writer.whole("steps", steps);
        onDevice.ifPresent(adam -> adam.save(writer.child(FIRST), writer.child(SECOND)));
        for (Moments moment : moments) {
            writer.child(moment.firstName()).tensor(moment.parameter.name(), moment.first);
            moment.second.ifPresent(second -> writer.child(SECOND).tensor(moment.parameter.name(), second));
        }
    }

    @Override
    public void load(StateReader reader) {
        long saved = reader.whole("steps");
        if (saved < 0 || saved > Integer.MAX_VALUE) {
            throw reader.fault("steps", "it is " + saved + "; allowed: 0 to " + Integer.MAX_VALUE);
        }
        steps = (int) saved;
        onDevice.ifPresent(adam -> adam.load(reader.child(FIRST), reader.child(SECOND)));
        for (Moments moment : moments) {
            reader.child(moment.firstName()).tensor(moment.parameter.name(), moment.first);
            moment.second.ifPresent(second -> reader.child(SECOND).tensor(moment.parameter.name(), second));
        }
    }

    @Override
    public void close() {
        for (Moments moment : moments) {
            moment.first.close();
            moment.second.ifPresent(INDArray::close);
        }
        moments.clear();
        onDevice.ifPresent(DeviceAdamW::close);
        if (part != null) {
            part.close();
            part = null;
        }
    }

    /** @param first both moments of each value, where there is no {@code second} */
    private record Moments(Parameter parameter, INDArray first, Optional<INDArray> second) {
        /** Under which {@code first} is saved. */
        String firstName() {
            return second.isPresent() ? FIRST : BOTH;
        }
    }
}
