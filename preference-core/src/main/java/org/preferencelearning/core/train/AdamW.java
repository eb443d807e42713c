package org.preferencelearning.core.train;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch's AdamW. Owns its moments.
 *
 * <p>Not part of the parameters' store, so that several optimisers can follow each other on one model.
 */
public final class AdamW implements AutoCloseable {
    private final AdamConstants constants;
    private final double weightDecay;
    private final List<Moments> moments = new ArrayList<>();
    private int steps;

    /** An optimiser of the trained parameters of {@code parameters}, with zero moments. */
    public AdamW(ParameterStore parameters, AdamConstants constants, double weightDecay) {
        this.constants = constants;
        this.weightDecay = weightDecay;
        for (Parameter parameter : parameters.trained()) {
            INDArray value = parameter.value();
            moments.add(new Moments(
                    parameter,
                    Nd4j.create(value.dataType(), value.shape()),
                    Nd4j.create(value.dataType(), value.shape())));
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
        double secondCorrection = Math.sqrt(1 - Math.pow(constants.beta2(), steps + 1));
        // ND4J adds epsilon to the root of the uncorrected second moment, PyTorch to that of the corrected one.
        double epsilon = constants.epsilon() * secondCorrection;
        for (Moments moment : moments) {
            double keep = moment.parameter.decayed() ? 1 - learningRate * weightDecay : 1;
            INDArray value = moment.parameter.value();
            if (HostFloats.fits(value)) {
                new HostAdamW(
                                (float) clip,
                                (float) keep,
                                (float) (learningRate
                                        * secondCorrection
                                        / (1 - Math.pow(constants.beta1(), steps + 1))),
                                (float) constants.beta1(),
                                (float) constants.beta2(),
                                (float) epsilon)
                        .update(value, moment.parameter.gradient(), moment.first, moment.second);
            } else {
                step(moment, learningRate, clip, keep, epsilon);
            }
        }
        steps++;
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
                gradient, moment.second, moment.first, rate, constants.beta1(), constants.beta2(), epsilon, steps));
        if (learningRate != 0) {
            value.subi(gradient);
        }
        gradient.assign(0);
    }

    @Override
    public void close() {
        for (Moments moment : moments) {
            moment.first.close();
            moment.second.close();
        }
        moments.clear();
    }

    private record Moments(Parameter parameter, INDArray first, INDArray second) {}
}
