package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;

class MixedPrecisionTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(400, 64, 64, 2, 2, 1e-5, 39);

    /** Sums of twenty log-probabilities of about -6: off by a few hundredths at most, and not by nothing. */
    @Test
    void itMovesValuesAndGradientsByItsRoundingAndBackAgain() {
        assumeThat(FusedOperations.bfloat16())
                .as("this processor multiplies bfloat16")
                .isTrue();
        List<TokenSequence> sequences = sequences();
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1))) {
            double[] exact = policy.logProbabilities(sequences);
            double[] gradient = gradient(policy, sequences);
            policy.precision(MatrixPrecision.BFLOAT16);
            double[] rounded = policy.logProbabilities(sequences);
            double[] roundedGradient = gradient(policy, sequences);
            assertThat(rounded).isEqualTo(policy.logProbabilities(sequences));
            policy.precision(MatrixPrecision.FLOAT32);
            assertThat(policy.logProbabilities(sequences)).isEqualTo(exact);
            assertThat(distance(rounded, exact)).isGreaterThan(0).isLessThan(0.001 * norm(exact));
            assertThat(distance(roundedGradient, gradient)).isGreaterThan(0).isLessThan(0.02 * norm(gradient));
        }
    }

    /** Sampling rounds the same factors as scoring, and so do prompts; only the first token's logits are exact. */
    @Test
    void samplesComeWithTheirOwnLogProbabilities() {
        assumeThat(FusedOperations.bfloat16())
                .as("this processor multiplies bfloat16")
                .isTrue();
        List<SamplingRequest> requests = SamplingRequest.of(
                sequences().stream()
                        .map(sequence -> Arrays.copyOf(sequence.tokens(), 10))
                        .toList(),
                3);
        SamplingSettings settings = SamplingSettings.of(20).withSamplesPerPrompt(4);
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1))) {
            List<Rollout> exact = flat(policy.sample(requests, settings));
            policy.precision(MatrixPrecision.BFLOAT16);
            List<Rollout> rounded = flat(policy.sample(requests, settings));
            assertThat(rounded).isNotEqualTo(exact).isEqualTo(flat(policy.sample(requests, settings)));
            double[] own = policy.logProbabilities(
                    rounded.stream().map(Rollout::sequence).toList());
            double[] sampled =
                    rounded.stream().mapToDouble(Rollout::logProbability).toArray();
            assertThat(distance(sampled, own)).isLessThan(0.001 * norm(own));
            policy.precision(MatrixPrecision.FLOAT32);
            assertThat(flat(policy.sample(requests, settings))).isEqualTo(exact);
        }
    }

    private static List<Rollout> flat(List<List<Rollout>> rollouts) {
        return rollouts.stream().flatMap(List::stream).toList();
    }

    @Test
    void aModelInDoublePrecisionHasNone() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
                Gpt2Policy exact = policy.inDoublePrecision()) {
            assertThatThrownBy(() -> exact.precision(MatrixPrecision.BFLOAT16))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("precision")
                    .hasMessageContaining("BFLOAT16");
        }
    }

    private static double[] gradient(Gpt2Policy policy, List<TokenSequence> sequences) {
        policy.parameters().clearGradients();
        ForwardPass pass = policy.forward(sequences);
        double[] upstream = new double[sequences.size()];
        Arrays.fill(upstream, 1);
        pass.backward(upstream);
        return policy.parameters().trained().stream()
                .flatMapToDouble(p -> Arrays.stream(
                        p.gradient().reshape(p.gradient().length()).toDoubleVector()))
                .toArray();
    }

    private static double norm(double[] values) {
        return distance(values, new double[values.length]);
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, a.length)
                .mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i]))
                .sum());
    }

    private static List<TokenSequence> sequences() {
        RandomSource random = RandomSource.of(2);
        return IntStream.range(0, 6)
                .mapToObj(i -> {
                    int[] tokens = new int[30];
                    Arrays.setAll(tokens, t -> random.nextInt(400));
                    return new TokenSequence(tokens, 10);
                })
                .toList();
    }
}
