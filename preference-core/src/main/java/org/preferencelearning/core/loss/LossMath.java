package org.preferencelearning.core.loss;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ops.impl.controlflow.compat.StopGradient;

/** Functions for writing losses that stay finite, in value and gradient, for arguments of any size. */
public final class LossMath {
    private LossMath() {}

    /**
     * {@code log(1 / (1 + exp(-x)))}. ND4J's own gives minus infinity and a NaN gradient below about -709.
     *
     * <p>The linear part is {@code (x - |x|) / 2} and not {@code min(x, 0)}, so that the derivative at 0 is the true 1/2.
     */
    public static SDVariable logSigmoid(SDVariable x) {
        SDVariable size = x.getSameDiff().math().abs(x);
        SDVariable tail = x.getSameDiff().math().log1p(x.getSameDiff().math().exp(size.neg()));
        return x.sub(size).mul(0.5).sub(tail);
    }

    /** {@code 1 / (1 + exp(-x))}. */
    public static SDVariable sigmoid(SDVariable x) {
        return x.getSameDiff().nn().sigmoid(x);
    }

    /**
     * {@code log(1 - exp(x))} for a logarithm of a probability, exact where the probability is near 1. One above
     * {@code 1 - 1e-12}, whose result would grow without bound, counts as that and has no slope.
     */
    public static SDVariable logOneMinusExp(SDVariable x) {
        SDVariable below = atMost(x, -1e-12);
        return below.getSameDiff()
                .math()
                .log(below.getSameDiff().math().expm1(below).neg());
    }

    /** {@code x} as a constant: its value, through which nothing is differentiated. */
    public static SDVariable stopGradient(SDVariable x) {
        return new StopGradient(x.getSameDiff(), x).outputVariable();
    }

    /** The smaller of each entry and {@code bound}. */
    public static SDVariable atMost(SDVariable x, double bound) {
        return x.getSameDiff().math().min(x, x.getSameDiff().constant(bound));
    }

    /** The larger of each entry and {@code bound}. */
    public static SDVariable atLeast(SDVariable x, double bound) {
        return x.getSameDiff().math().max(x, x.getSameDiff().constant(bound));
    }

    static SDVariable square(SDVariable x) {
        return x.getSameDiff().math().square(x);
    }

    static SDVariable exp(SDVariable x) {
        return x.getSameDiff().math().exp(x);
    }

    /** {@code max(0, x)}, with slope 0 at 0. */
    static SDVariable positivePart(SDVariable x) {
        return x.getSameDiff().nn().relu(x, 0);
    }
}
