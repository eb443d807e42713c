package org.preferencelearning.core.finite;

import java.util.List;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.Trainable;

/** What a log-linear policy and a linear reward share: one parameter vector {@code theta}, in double precision. */
abstract class FiniteModel implements Trainable {
    private static final String THETA = "theta";

    private final FeatureMap features;
    private final ParameterStore parameters;

    FiniteModel(FeatureMap features, double[] theta) {
        SettingException.require(
                theta.length == features.dimension(),
                "theta",
                theta.length + " values",
                features.dimension() + " values, the features' dimension");
        NativeRuntime.prepare();
        this.features = features;
        this.parameters = ParameterStore.builder()
                .add(THETA, Nd4j.createFromArray(theta.clone()), true, true)
                .build();
    }

    /** The features. */
    public FeatureMap features() {
        return features;
    }

    /** A copy of the parameter vector. */
    public double[] theta() {
        return parameters.get(THETA).value().toDoubleVector();
    }

    @Override
    public ParameterStore parameters() {
        return parameters;
    }

    /** The value of a response, and its gradient by theta added to {@code gradient} times {@code factor}. */
    abstract double value(double[] theta, int prompt, int response);

    abstract void addGradient(double[] theta, int prompt, int response, double factor, double[] gradient);

    final double[] values(List<TokenSequence> sequences) {
        double[] theta = theta();
        double[] values = new double[sequences.size()];
        for (int i = 0; i < values.length; i++) {
            TokenSequence sequence = sequences.get(i);
            features.check(sequence);
            values[i] = value(theta, sequence.token(0), sequence.token(1));
        }
        return values;
    }

    @Override
    public void check(TokenSequence sequence) {
        features.check(sequence);
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        double[] values = values(sequences);
        return new ForwardPass() {
            private boolean used;

            @Override
            public double[] values() {
                return values.clone();
            }

            @Override
            public void backward(double[] upstream) {
                if (used) {
                    throw new IllegalStateException("backward was called before");
                }
                used = true;
                double[] theta = theta();
                double[] gradient = new double[theta.length];
                for (int i = 0; i < upstream.length; i++) {
                    TokenSequence sequence = sequences.get(i);
                    addGradient(theta, sequence.token(0), sequence.token(1), upstream[i], gradient);
                }
                parameters.get(THETA).gradient().addi(Nd4j.createFromArray(gradient));
            }
        };
    }

    @Override
    public void close() {
        parameters.close();
    }
}
