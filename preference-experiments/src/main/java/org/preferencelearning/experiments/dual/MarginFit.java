package org.preferencelearning.experiments.dual;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** The mean of a function of margins. */
record MarginFit(DoubleUnaryOperator loss, DoubleUnaryOperator slope) implements DualTokenSampleMethod.Fit {
    @Override
    public double loss(PairSample pairs, double[][] scores) {
        return Arrays.stream(margins(pairs, scores)).map(loss).average().orElseThrow();
    }

    @Override
    public double[][] gradient(PairSample pairs, double[][] scores) {
        double[] chosen = Arrays.stream(margins(pairs, scores))
                .map(margin -> slope.applyAsDouble(margin) / pairs.size())
                .toArray();
        return pairs.collect(
                scores, chosen, Arrays.stream(chosen).map(value -> -value).toArray());
    }

    private static double[] margins(PairSample pairs, double[][] scores) {
        double[] chosen = pairs.ofChosen(scores);
        double[] rejected = pairs.ofRejected(scores);
        return SampleLoss.filled(pairs.size(), i -> chosen[i] - rejected[i]);
    }
}
