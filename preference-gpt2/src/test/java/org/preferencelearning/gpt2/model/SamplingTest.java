package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class SamplingTest {
    private static final int END = 39;
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 16, 2, 2, 1e-5, END);

    private final Gpt2Policy policy = sharpPolicy();

    /** Random weights make nearly uniform distributions; wider embeddings do not. */
    private static Gpt2Policy sharpPolicy() {
        Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1), ParameterSelection.none());
        policy.parameters().get("wte.weight").value().muli(20);
        return policy;
    }

    @AfterEach
    void close() {
        policy.close();
    }

    /** Kernels for AVX2 round the last rows of a product otherwise than the first, so places in a batch show in the last bit. */
    @Test
    void aResponseIsTheSameWhateverIsSampledBesideIt() {
        List<SamplingRequest> requests = requests(45, 2);
        SamplingSettings settings = SamplingSettings.of(20).withSamplesPerPrompt(2);
        List<List<Rollout>> together = policy.sample(requests, settings);
        for (int i = 0; i < requests.size(); i += 6) {
            same(policy.sample(List.of(requests.get(i)), settings).get(0), together.get(i));
        }
        List<SamplingRequest> reversed = new ArrayList<>(requests);
        Collections.reverse(reversed);
        same(policy.sample(reversed, settings).get(0), together.get(44));
        assertThat(policy.sample(requests, settings)).isEqualTo(together);
    }

    private static void same(List<Rollout> one, List<Rollout> other) {
        for (int copy = 0; copy < one.size(); copy++) {
            assertThat(one.get(copy).sequence()).isEqualTo(other.get(copy).sequence());
            assertThat(one.get(copy).logProbabilities().toArray())
                    .containsExactly(other.get(copy).logProbabilities().toArray(), within(5e-6));
        }
    }

    @Test
    void samplesOfAPromptDifferAndSeedsMatter() {
        SamplingSettings settings = SamplingSettings.of(20).withSamplesPerPrompt(3);
        List<Rollout> three = policy.sample(requests(1, 2), settings).get(0);
        assertThat(three.stream().map(Rollout::sequence).distinct()).hasSize(3);
        SamplingRequest first = requests(1, 2).get(0);
        SamplingRequest other = new SamplingRequest(first.prompt(), first.seed() + 1);
        assertThat(policy.sample(List.of(other), settings).get(0)).isNotEqualTo(three);
    }

    @Test
    void theirLogProbabilitiesAreThePolicysOwn() {
        for (double temperature : new double[] {0, 0.1, 0.7, 1, 1.5}) {
            SamplingSettings settings = SamplingSettings.of(24)
                    .withTemperature(temperature)
                    .withSamplesPerPrompt(2)
                    .withTopK(30);
            List<Rollout> rollouts = policy.sample(requests(20, 3), settings).stream()
                    .flatMap(List::stream)
                    .toList();
            double[] own = policy.logProbabilities(
                    rollouts.stream().map(Rollout::sequence).toList());
            for (int i = 0; i < own.length; i++) {
                assertThat(rollouts.get(i).logProbability()).isCloseTo(own[i], within(1e-4));
                assertThat(rollouts.get(i).logProbabilities().length())
                        .isEqualTo(rollouts.get(i).response().length);
            }
        }
    }

    /** Kernels keep copies of weights while they sample. */
    @Test
    void weightsThatChangedAreReadAgain() {
        SamplingSettings settings = SamplingSettings.of(20).withStopAtEndOfText(false);
        List<List<Rollout>> before = policy.sample(requests(4, 6), settings);
        INDArray weight = policy.parameters().get("h.1.mlp.c_fc.weight").value();
        weight.muli(-30);
        List<List<Rollout>> after = policy.sample(requests(4, 6), settings);
        assertThat(after).isNotEqualTo(before);
        try (Gpt2Policy fresh = policy.copy(ParameterSelection.none())) {
            assertThat(fresh.sample(requests(4, 6), settings)).isEqualTo(after);
        }
        weight.muli(-1.0 / 30);
        policy.logProbabilities(List.of(after.get(0).get(0).sequence()));
        assertThat(policy.sample(requests(4, 6), settings).get(0).get(0).sequence())
                .isEqualTo(before.get(0).get(0).sequence());
    }

    /** Double precision has no kernels of the fused dialect: the cache is then ND4J's operations. */
    @Test
    void thePortableCacheGivesTheSameTokens() {
        SamplingSettings settings = SamplingSettings.greedy(20).withStopAtEndOfText(false);
        List<List<Rollout>> expected = policy.sample(requests(10, 4), settings);
        try (Gpt2Policy wide = policy.inDoublePrecision()) {
            List<List<Rollout>> found = wide.sample(requests(10, 4), settings);
            for (int i = 0; i < found.size(); i++) {
                Rollout rollout = found.get(i).get(0);
                assertThat(rollout.sequence()).isEqualTo(expected.get(i).get(0).sequence());
                assertThat(wide.logProbabilities(List.of(rollout.sequence()))[0])
                        .isCloseTo(rollout.logProbability(), within(1e-5));
            }
        }
    }

    @Test
    void greedyIsTheLikeliestTokenOfTheWholeForwardPass() {
        for (SamplingRequest request : requests(5, 5)) {
            int[] tokens = request.prompt().tokens();
            int[] response = policy.sample(
                            List.of(request), SamplingSettings.greedy(15).withStopAtEndOfText(false))
                    .get(0)
                    .get(0)
                    .response();
            for (int token : response) {
                double[] next = policy.nextTokenProbabilities(tokens, 1);
                assertThat(next[token]).isEqualTo(Arrays.stream(next).max().orElseThrow());
                tokens = Arrays.copyOf(tokens, tokens.length + 1);
                tokens[tokens.length - 1] = token;
            }
        }
    }

    @Test
    void aResponseEndsWithTheFirstEndOfText() {
        List<Rollout> rollouts = policy
                .sample(requests(200, 6), SamplingSettings.of(40).withTemperature(2))
                .stream()
                .map(list -> list.get(0))
                .toList();
        assertThat(rollouts.stream().filter(Rollout::ended).count()).isBetween(40L, 199L);
        for (Rollout rollout : rollouts) {
            int[] response = rollout.response();
            int first = Ints.indexOf(response, END);
            assertThat(first).isEqualTo(rollout.ended() ? response.length - 1 : -1);
            assertThat(rollout.ended() || response.length == 40).isTrue();
        }
    }

    /** Pearson's chi-square of 20,000 draws against the forward pass's own distribution, cut by hand. */
    @Test
    void tokensAreDrawnWithTheirProbabilities() {
        TokenSequence prompt = requests(1, 7).get(0).prompt();
        int draws = 20_000;
        for (SamplingSettings settings : List.of(
                SamplingSettings.of(1).withTemperature(0.7),
                SamplingSettings.of(1).withTopK(5),
                SamplingSettings.of(1).withTopP(0.8).withTemperature(1.3))) {
            double[] expected = policy.nextTokenProbabilities(prompt.tokens(), settings.temperature());
            cut(expected, settings);
            int[] counts = new int[CONFIG.vocabulary()];
            policy.sample(List.of(new SamplingRequest(prompt, 8)), settings.withSamplesPerPrompt(draws))
                    .get(0)
                    .forEach(rollout -> counts[rollout.response()[0]]++);
            double chiSquare = 0;
            int cells = 0;
            for (int token = 0; token < counts.length; token++) {
                double mean = expected[token] * draws;
                if (mean == 0) {
                    assertThat(counts[token])
                            .as("token %d of %s", token, settings)
                            .isZero();
                } else if (mean > 5) {
                    chiSquare += (counts[token] - mean) * (counts[token] - mean) / mean;
                    cells++;
                }
            }
            assertThat(cells).isGreaterThan(2);
            // mean cells - 1, deviation sqrt(2 cells): five deviations
            assertThat(chiSquare).as(settings.toString()).isLessThan(cells + 5 * Math.sqrt(2.0 * cells));
        }
    }

    private static void cut(double[] probabilities, SamplingSettings settings) {
        Integer[] descending = new Integer[probabilities.length];
        Arrays.setAll(descending, i -> i);
        Arrays.sort(descending, (a, b) -> Double.compare(probabilities[b], probabilities[a]));
        double before = 0;
        double kept = 0;
        for (int rank = 0; rank < descending.length; rank++) {
            int token = descending[rank];
            double p = probabilities[token];
            boolean cut = settings.topK() > 0 && rank >= settings.topK() || before >= settings.topP();
            before += p;
            probabilities[token] = cut ? 0 : p;
            kept += probabilities[token];
        }
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] /= kept;
        }
    }

    @Test
    void topPKeepsTheFewestTokensThatReachIt() {
        double[] p = {0.1, 0.4, 0.05, 0.25, 0.2};
        try (INDArray logits = Nd4j.createFromArray(new float[][] {logs(p)})) {
            boolean[] seen = new boolean[5];
            for (int seed = 0; seed < 200; seed++) {
                try (TokenSampler sampler =
                                new TokenSampler(SamplingSettings.of(1).withTopP(0.84));
                        INDArray copy = logits.dup()) {
                    seen[sampler.draw(copy, new RandomSource[] {RandomSource.of(seed)})[0].token()] = true;
                }
            }
            assertThat(seen).containsExactly(false, true, false, true, true);
        }
    }

    /** At a high temperature tokens are drawn whose own probability is below float's range. */
    @Test
    void logProbabilitiesAreRightBeyondTheRangeOfFloat() {
        float[] logits = {0, -120, -50};
        boolean[] seen = new boolean[3];
        for (int seed = 0; seed < 60; seed++) {
            try (TokenSampler sampler = new TokenSampler(SamplingSettings.of(1).withTemperature(100));
                    INDArray copy = Nd4j.createFromArray(new float[][] {logits})) {
                TokenSampler.Draw draw = sampler.draw(copy, new RandomSource[] {RandomSource.of(seed)})[0];
                seen[draw.token()] = true;
                assertThat(draw.logProbability()).isCloseTo(logits[draw.token()], within(1e-3));
            }
        }
        assertThat(seen).containsOnly(true);
    }

    /** Many tokens without probability, also at both ends, are never drawn, and the others as often as they should. */
    @Test
    void tokensOfAVocabularyOfManyBlocksAreDrawnAsLikelyAsTheyAre() {
        float[] logits = new float[1000];
        Arrays.fill(logits, -1000);
        int[] possible = {130, 255, 256, 700};
        double[] probabilities = {0.1, 0.2, 0.3, 0.4};
        for (int i = 0; i < possible.length; i++) {
            logits[possible[i]] = (float) Math.log(probabilities[i]);
        }
        int draws = 4000;
        int[] counts = new int[1000];
        try (TokenSampler sampler = new TokenSampler(SamplingSettings.of(1))) {
            RandomSource random = RandomSource.of(5);
            for (int i = 0; i < draws; i++) {
                try (INDArray copy = Nd4j.createFromArray(new float[][] {logits})) {
                    counts[sampler.draw(copy, new RandomSource[] {random})[0].token()]++;
                }
            }
        }
        for (int i = 0; i < possible.length; i++) {
            double deviation = Math.sqrt(draws * probabilities[i] * (1 - probabilities[i]));
            assertThat((double) counts[possible[i]]).isCloseTo(draws * probabilities[i], within(4 * deviation));
        }
        assertThat(Arrays.stream(possible).map(token -> counts[token]).sum()).isEqualTo(draws);
    }

    private static float[] logs(double[] p) {
        float[] logs = new float[p.length];
        for (int i = 0; i < p.length; i++) {
            logs[i] = (float) Math.log(p[i]);
        }
        return logs;
    }

    @Test
    void aPromptThatLeavesNoRoomIsRefused() {
        TokenSequence prompt = new TokenSequence(new int[60], 60);
        assertThatThrownBy(() -> policy.sample(List.of(new SamplingRequest(prompt, 1)), SamplingSettings.of(5)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("60 tokens")
                .hasMessageContaining("at most 59");
        assertThat(policy.sample(List.of(new SamplingRequest(prompt, 1)), SamplingSettings.greedy(4)))
                .hasSize(1);
    }

    private static List<SamplingRequest> requests(int count, long seed) {
        RandomSource random = RandomSource.of(seed);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] tokens = new int[1 + random.nextInt(20)];
            Arrays.setAll(tokens, t -> random.nextInt(CONFIG.vocabulary()));
            prompts.add(tokens);
        }
        return SamplingRequest.of(prompts, seed);
    }
}
