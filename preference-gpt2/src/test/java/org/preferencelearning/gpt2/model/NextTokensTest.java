package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/** Whole distributions after contexts: those of scored tokens, and their gradient. */
class NextTokensTest {
    private static final int WORDS = 7;
    private static final Gpt2Config CONFIG = new Gpt2Config(WORDS, 4, 16, 2, 2, 1e-5, WORDS - 1).withEnds(List.of());
    /** Of different lengths, and one twice, as a context may be asked for again. */
    private static final List<TokenSequence> CONTEXTS =
            List.of(context(2), context(1, 5), context(2, 0, 3), context(1, 5), context(6));

    private static TokenSequence context(int... tokens) {
        return new TokenSequence(tokens, 0);
    }

    /** Every context followed by every token, which is scored. */
    private static List<TokenSequence> followed() {
        List<TokenSequence> all = new ArrayList<>();
        for (TokenSequence context : CONTEXTS) {
            for (int token = 0; token < WORDS; token++) {
                int[] tokens = Arrays.copyOf(context.tokens(), context.length() + 1);
                tokens[context.length()] = token;
                all.add(new TokenSequence(tokens, context.length()));
            }
        }
        return all;
    }

    private static double[] upstream() {
        RandomSource random = RandomSource.of(3);
        double[] upstream = new double[CONTEXTS.size() * WORDS];
        for (int i = 0; i < upstream.length; i++) {
            upstream[i] = random.nextGaussian();
        }
        return upstream;
    }

    private static Gpt2Policy policy(ParameterSelection trained) {
        Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1), trained);
        // larger than initial weights, so that distributions are far from uniform
        policy.parameters().all().stream()
                .filter(Parameter::decayed)
                .forEach(parameter -> parameter.value().muli(8));
        return policy;
    }

    @Test
    void valuesAndGradientsAreThoseOfScoredTokens() {
        agree(ParameterSelection.all());
        agree(ParameterSelection.only(ParameterGroup.named("ln_f.bias")));
        agree(ParameterSelection.only(ParameterGroup.embeddings()));
    }

    private static void agree(ParameterSelection trained) {
        try (Gpt2Policy policy = policy(trained)) {
            ForwardPass scored = policy.forward(followed());
            double[] expected = scored.values();
            scored.backward(upstream());
            List<INDArray> gradients = gradients(policy);
            policy.parameters().clearGradients();
            ForwardPass whole = policy.nextTokens(CONTEXTS);
            assertThat(whole.values()).containsExactly(expected, within(2e-6));
            whole.backward(upstream());
            List<INDArray> found = gradients(policy);
            for (int i = 0; i < gradients.size(); i++) {
                double scale = gradients.get(i).norm2Number().doubleValue();
                assertThat(scale).isPositive();
                assertThat(found.get(i).distance2(gradients.get(i)) / scale)
                        .as(policy.parameters().trained().get(i).name() + " of " + trained)
                        .isLessThan(2e-5);
            }
        }
    }

    private static List<INDArray> gradients(Gpt2Policy policy) {
        return policy.parameters().trained().stream()
                .map(parameter -> parameter.gradient().dup())
                .toList();
    }

    /** In double precision, against differences of the values. */
    @Test
    void gradientsAreSlopes() {
        try (Gpt2Policy single = policy(ParameterSelection.all());
                Gpt2Policy policy = single.inDoublePrecision()) {
            policy.nextTokens(CONTEXTS).backward(upstream());
            for (Parameter parameter : policy.parameters().trained()) {
                for (long i : new long[] {
                    0, parameter.value().length() / 2, parameter.value().length() - 1
                }) {
                    double slope = (moved(policy, parameter, i, 1e-5) - moved(policy, parameter, i, -1e-5)) / 2e-5;
                    assertThat(parameter.gradient().getDouble(i))
                            .as("%s at %d", parameter.name(), i)
                            .isCloseTo(slope, within(1e-7 * (1 + Math.abs(slope))));
                }
            }
        }
    }

    private static double moved(Gpt2Policy policy, Parameter parameter, long i, double step) {
        double before = parameter.value().getDouble(i);
        parameter.value().putScalar(i, before + step);
        double[] values = policy.nextTokens(CONTEXTS).values();
        parameter.value().putScalar(i, before);
        double sum = 0;
        double[] upstream = upstream();
        for (int j = 0; j < values.length; j++) {
            sum += upstream[j] * values[j];
        }
        return sum;
    }

    @Test
    void everyDistributionSumsToOneInDoublePrecision() {
        try (Gpt2Policy policy = policy(ParameterSelection.none())) {
            double[] values = policy.nextTokens(CONTEXTS).values();
            for (int start = 0; start < values.length; start += WORDS) {
                double sum = 0;
                for (int i = start; i < start + WORDS; i++) {
                    sum += Math.exp(values[i]);
                }
                assertThat(sum).isCloseTo(1, within(1e-14));
            }
        }
    }

    @Test
    void aPassThatIsOverIsRefused() {
        try (Gpt2Policy policy = policy(ParameterSelection.all())) {
            ForwardPass first = policy.nextTokens(CONTEXTS);
            policy.nextTokens(CONTEXTS);
            assertThatThrownBy(() -> first.backward(upstream())).isInstanceOf(IllegalStateException.class);
        }
    }
}
