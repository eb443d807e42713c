package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** A GPT-2's tables against its own answers for every sequence by itself. */
class WordTablesTest {
    private static final int REQUESTS = 100;
    private static final int DRAWS = 32;
    private static final DualTokenText WORLD = new DualTokenText(5, 2, 2, 1, 0.5, 2);

    private static Gpt2Policy policy() {
        Gpt2Policy policy = Gpt2Policy.random(new WordModel(8, 2, 2).config(WORLD), RandomSource.of(1));
        policy.parameters().all().stream()
                .filter(Parameter::decayed)
                .forEach(parameter -> parameter.value().muli(15));
        return policy;
    }

    private static List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        for (int x = 0; x < WORLD.prompts(); x++) {
            for (int a = 0; a < WORLD.words(); a++) {
                for (int b = 0; b < WORLD.words(); b++) {
                    sequences.add(new TokenSequence(new int[] {x, a, b}, 1));
                }
            }
        }
        return sequences;
    }

    private static double[][] upstream() {
        RandomSource random = RandomSource.of(2);
        double[][] upstream = new double[WORLD.prompts()][WORLD.responses()];
        for (double[] row : upstream) {
            Arrays.setAll(row, y -> random.nextGaussian());
        }
        return upstream;
    }

    private static double[] flat(double[][] table) {
        return Arrays.stream(table).flatMapToDouble(Arrays::stream).toArray();
    }

    private static List<INDArray> gradients(ParameterStore parameters) {
        List<INDArray> gradients = parameters.trained().stream()
                .map(parameter -> parameter.gradient().dup())
                .toList();
        parameters.clearGradients();
        return gradients;
    }

    private static void assertSame(List<INDArray> found, List<INDArray> expected) {
        for (int i = 0; i < found.size(); i++) {
            double scale = expected.get(i).norm2Number().doubleValue();
            assertThat(scale).isPositive();
            assertThat(found.get(i).distance2(expected.get(i)) / scale).isLessThan(2e-5);
        }
    }

    @Test
    void aPolicysTableAndItsGradientAreThoseOfItsSequences() {
        try (Gpt2Policy policy = policy()) {
            ForwardPass scored = policy.forward(sequences());
            double[] expected = scored.values();
            scored.backward(flat(upstream()));
            List<INDArray> gradients = gradients(policy.parameters());
            WordPolicy table = new WordPolicy(WORLD, policy);
            double[][] found = table.logProbabilities();
            assertThat(flat(found)).containsExactly(expected, within(3e-6));
            for (double[] row : found) {
                assertThat(Arrays.stream(row).map(Math::exp).sum()).isCloseTo(1, within(1e-13));
            }
            table.backward(upstream());
            assertSame(gradients(policy.parameters()), gradients);
        }
    }

    @Test
    void aRewardModelsTableAndItsGradientAreThoseOfItsSequences() {
        try (Gpt2Policy policy = policy();
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(3))) {
            ForwardPass scored = model.forward(sequences());
            double[] expected = scored.values();
            scored.backward(flat(upstream()));
            List<INDArray> gradients = gradients(model.parameters());
            WordReward table = new WordReward(WORLD, model, false);
            assertThat(flat(table.rewards())).containsExactly(expected, within(1e-6));
            table.backward(upstream());
            assertSame(gradients(model.parameters()), gradients);
        }
    }

    /** A head on the features scores as a reward model with that head does. */
    @Test
    void featuresAreWhatAHeadSees() {
        try (Gpt2Policy policy = policy();
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(3));
                Gpt2RewardModel features = model.copy(ParameterSelection.none())) {
            double[] head = model.parameters().get("score.weight").value().toDoubleVector();
            double[] scores = flat(SparseHead.of(WORLD, features).scores(head));
            assertThat(scores).containsExactly(model.rewards(sequences()), within(1e-6));
        }
    }

    @Test
    void aRewardOfTheFirstWordDoesNotSeeTheSecond() {
        try (Gpt2Policy policy = policy();
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(3))) {
            double[][] rewards = new WordReward(WORLD, model, true).rewards();
            for (int x = 0; x < WORLD.prompts(); x++) {
                for (int a = 0; a < WORLD.words(); a++) {
                    for (int b = 0; b < WORLD.words(); b++) {
                        assertThat(rewards[x][WORLD.response(a, b)]).isEqualTo(rewards[x][WORLD.response(a, 0)]);
                    }
                }
            }
            assertThat(Arrays.stream(rewards[0]).distinct().count()).isEqualTo(WORLD.words());
        }
    }

    /** The value as a sum, and as the mean of what the sampler draws. */
    @Test
    void theExactValueIsWhatSamplesEstimate() {
        double beta = 0.3;
        try (Gpt2Policy policy = policy();
                Gpt2Policy reference = Gpt2Policy.random(policy.config(), RandomSource.of(9))) {
            DualTokenText.Drawn drawn = WORLD.draw(RandomSource.of(4));
            double[][] log = new WordPolicy(WORLD, policy).logProbabilities();
            Population population =
                    new Population(drawn.reward(), new WordPolicy(WORLD, reference).logProbabilities(), beta);
            double exact = population.value(log, drawn.reward());
            List<int[]> prompts = new ArrayList<>();
            for (int i = 0; i < REQUESTS * WORLD.prompts(); i++) {
                prompts.add(new int[] {i % WORLD.prompts()});
            }
            List<List<Rollout>> rollouts = policy.sample(
                    SamplingRequest.of(prompts, 20),
                    SamplingSettings.of(2).withTemperature(1).withSamplesPerPrompt(DRAWS));
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < rollouts.size(); i++) {
                int x = i % WORLD.prompts();
                for (Rollout rollout : rollouts.get(i)) {
                    int y = WORLD.response(rollout.response()[0], rollout.response()[1]);
                    double one = drawn.reward()[x][y]
                            - beta * (log[x][y] - population.referenceLog()[x][y]);
                    sum += one;
                    squares += one * one;
                }
            }
            int count = DRAWS * rollouts.size();
            double mean = sum / count;
            double error = Math.sqrt((squares / count - mean * mean) / count);
            assertThat(error).isLessThan(0.05);
            assertThat(mean).isCloseTo(exact, within(3 * error));
        }
    }
}
