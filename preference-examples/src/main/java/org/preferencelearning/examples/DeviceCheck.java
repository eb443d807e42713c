package org.preferencelearning.examples;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.ComputeDevice;
import org.preferencelearning.gpt2.model.Computing;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * A small GPT-2 on a device against the same one in double precision on the processor.
 *
 * @param logProbabilities largest difference of those of responses
 * @param gradients largest difference of their gradients, relative to the largest gradient of the same parameter
 * @param continuations whether greedy ones are the same, token for token
 */
record DeviceCheck(double logProbabilities, double gradients, boolean continuations) {
    private static final Gpt2Config SHAPE = new Gpt2Config(500, 64, 64, 2, 4, 1e-5, 499);
    private static final int SEQUENCES = 4;
    private static final int TOKENS = 20;
    private static final int PROMPT = 8;
    /** Of log-probabilities of about -6, a dozen of which are added up. */
    private static final double TOLERANCE = 1e-3;

    /** @throws org.preferencelearning.core.error.PreferenceException if the device cannot be used */
    static DeviceCheck of(ComputeDevice device) {
        RandomSource random = RandomSource.of(1);
        List<TokenSequence> sequences = IntStream.range(0, SEQUENCES)
                .mapToObj(i -> new TokenSequence(
                        IntStream.range(0, TOKENS)
                                .map(t -> random.nextInt(SHAPE.vocabulary()))
                                .toArray(),
                        PROMPT))
                .toList();
        try (Gpt2Policy policy = new Computing(ComputeDevice.cpu(), MatrixPrecision.FLOAT32)
                        .during(() -> Gpt2Policy.random(SHAPE, RandomSource.of(2)));
                Gpt2Policy exact = policy.inDoublePrecision()) {
            policy.device(device);
            double[] found = differentiated(policy, sequences);
            double[] wanted = differentiated(exact, sequences);
            return new DeviceCheck(
                    largest(IntStream.range(0, SEQUENCES).mapToDouble(i -> found[i] - wanted[i])),
                    policy.parameters().all().stream()
                            .mapToDouble(parameter ->
                                    difference(parameter, exact.parameters().get(parameter.name())))
                            .max()
                            .orElse(0),
                    greedy(policy, sequences).equals(greedy(exact, sequences)));
        }
    }

    private static double[] differentiated(Gpt2Policy policy, List<TokenSequence> sequences) {
        var pass = policy.forward(sequences);
        double[] values = pass.values();
        double[] ones = new double[values.length];
        Arrays.fill(ones, 1);
        pass.backward(ones);
        return values;
    }

    private static double difference(Parameter found, Parameter wanted) {
        INDArray right = wanted.gradient();
        double size = right.amaxNumber().doubleValue();
        return size == 0
                ? 0
                : found.gradient()
                                .castTo(right.dataType())
                                .sub(right)
                                .amaxNumber()
                                .doubleValue()
                        / size;
    }

    private static double largest(DoubleStream differences) {
        return differences.map(Math::abs).max().orElse(0);
    }

    private static List<String> greedy(Gpt2Policy policy, List<TokenSequence> sequences) {
        List<SamplingRequest> requests = sequences.stream()
                .map(sequence -> new SamplingRequest(sequence, 0))
                .toList();
        return policy.sample(requests, SamplingSettings.greedy(PROMPT)).stream()
                .map(drawn -> Arrays.toString(drawn.get(0).response()))
                .toList();
    }

    boolean right() {
        return logProbabilities < TOLERANCE && gradients < TOLERANCE && continuations;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "log-probabilities off by %.1e, gradients by %.1e, greedy continuations %s",
                logProbabilities,
                gradients,
                continuations ? "the same" : "DIFFER");
    }
}
