package org.preferencelearning.gpt2.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.KernelClock;

class TorchHeadTest {
    private static final int TOKENS = 25;

    private static float[] gaussian(int count, RandomSource random) {
        float[] values = new float[count];
        IntStream.range(0, count).forEach(i -> values[i] = (float) random.nextGaussian());
        return values;
    }

    /**
     * More positions than a chunk holds, so that probabilities are computed twice; two tokens at every fifth position, once the
     * same one. Derivatives by the logits of a position add up to 0, and so do those by the rows of the matrix.
     */
    @Test
    void itGivesTheSameInOneChunkAndInMany() {
        RandomSource random = RandomSource.of(2);
        TorchDevice device = TorchDevice.cpu();
        int[] positions = IntStream.range(0, TOKENS)
                .map(i -> i + 2 - (i % 5 == 0 ? 1 : 0))
                .toArray();
        int[] tokens = IntStream.range(0, TOKENS).map(i -> random.nextInt(40)).toArray();
        tokens[5] = tokens[4];
        double[] upstream = IntStream.range(0, TOKENS)
                .mapToDouble(i -> random.nextGaussian())
                .toArray();
        try (ParameterStore store = ParameterStore.builder()
                        .add("wte", Nd4j.createFromArray(gaussian(640, random)).reshape(40, 16), true, true)
                        .build();
                TorchTensor hidden = device.floats(gaussian(480, random), 30, 16)) {
            store.moveTo(Optional.of(device));
            List<double[]> results = new ArrayList<>();
            for (int rows : new int[] {64, 8}) {
                store.clearGradients();
                try (TorchWeights weights = new TorchWeights(store, device);
                        TorchTensor hiddenGradient = device.zeros(30, 16);
                        TorchHead head = new TorchHead(device, weights, "wte", true, new KernelClock(), rows)) {
                    results.add(head.forward(hidden, positions, Optional.empty(), tokens));
                    head.backward(hidden, positions, tokens, upstream, hiddenGradient);
                    results.add(device.values(hiddenGradient));
                    results.add(store.get("wte").gradient().reshape(640).toDoubleVector());
                }
            }
            for (int column = 0; column < 16; column++) {
                double sum = 0;
                for (int row = 0; row < 40; row++) {
                    sum += results.get(2)[16 * row + column];
                }
                assertThat(sum).isCloseTo(0, within(1e-4));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(results.get(i + 3)).containsExactly(results.get(i), within(1e-5));
            }
        }
    }

    /** {@code log p} of three logits, 1, 200 and -100 times the hidden state. */
    @Test
    void aTokenWhoseProbabilityUnderflowsStillHasItsLogProbability() {
        TorchDevice device = TorchDevice.cpu();
        try (ParameterStore store = ParameterStore.builder()
                        .add("wte", Nd4j.createFromArray(new float[][] {{0}, {200}, {-100}}), true, true)
                        .build();
                TorchTensor hidden = device.floats(new float[] {1}, 1, 1)) {
            store.moveTo(Optional.of(device));
            try (TorchWeights weights = new TorchWeights(store, device);
                    TorchHead head = new TorchHead(device, weights, "wte", true, new KernelClock(), 8)) {
                assertThat(head.forward(hidden, new int[] {0}, Optional.empty(), 2)[0])
                        .isCloseTo(-300, within(1e-4));
            }
        }
    }

    /** In one chunk and in many, against the distributions of logits computed here. */
    @Test
    void distributionsAreOfTheLogits() {
        RandomSource random = RandomSource.of(3);
        TorchDevice device = TorchDevice.cpu();
        float[] table = gaussian(640, random);
        float[] states = gaussian(480, random);
        int[] positions = IntStream.range(0, TOKENS).map(i -> 2 + i / 2).toArray();
        int[] tokens = IntStream.range(0, TOKENS).map(i -> random.nextInt(40)).toArray();
        double[][] logits = new double[30][40];
        for (int row = 0; row < 30; row++) {
            for (int v = 0; v < 40; v++) {
                for (int k = 0; k < 16; k++) {
                    logits[row][v] += (double) states[16 * row + k] * table[16 * v + k];
                }
            }
        }
        tokens[3] = IntStream.range(0, 40)
                .boxed()
                .max(Comparator.comparingDouble(v -> logits[positions[3]][v]))
                .orElseThrow();
        try (ParameterStore store = ParameterStore.builder()
                        .add("wte", Nd4j.createFromArray(table).reshape(40, 16), true, true)
                        .build();
                TorchTensor hidden = device.floats(states, 30, 16)) {
            store.moveTo(Optional.of(device));
            for (int rows : new int[] {64, 8}) {
                TokenDistributions said = new TokenDistributions(
                        new double[TOKENS], new double[TOKENS], new double[TOKENS], new boolean[TOKENS]);
                try (TorchWeights weights = new TorchWeights(store, device);
                        TorchHead head = new TorchHead(device, weights, "wte", true, new KernelClock(), rows)) {
                    head.forward(hidden, positions, Optional.of(said), tokens);
                }
                for (int i = 0; i < TOKENS; i++) {
                    double[] row = logits[positions[i]];
                    double largest = Arrays.stream(row).max().orElseThrow();
                    double sum =
                            Arrays.stream(row).map(z -> Math.exp(z - largest)).sum();
                    double entropy = 0;
                    double squares = 0;
                    for (double z : row) {
                        double p = Math.exp(z - largest) / sum;
                        entropy -= p * Math.log(p);
                        squares += p * p;
                    }
                    assertThat(said.entropies()[i]).isCloseTo(entropy, within(1e-5));
                    assertThat(said.collisions()[i]).isCloseTo(Math.log(squares), within(1e-5));
                    assertThat(said.meanLogits()[i])
                            .isCloseTo(Arrays.stream(row).average().orElseThrow(), within(1e-5));
                    assertThat(said.likeliest()[i]).isEqualTo(row[tokens[i]] == largest);
                }
                assertThat(said.likeliest()[3]).isTrue();
            }
        }
    }

    @Test
    void squaresAreOfAllValuesOfAllTensors() {
        TorchDevice device = TorchDevice.cpu();
        try (TorchTensor matrix = device.floats(new float[] {1, -2, 3, 4, 5, -6}, 3, 2);
                TorchTensor vector = device.floats(new float[] {7, 8}, 2)) {
            assertThat(device.squares(List.of(matrix, vector))).isCloseTo(91 + 113, within(1e-4));
            assertThat(device.squares(List.of())).isZero();
        }
    }
}
