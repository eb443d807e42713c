package org.preferencelearning.gpt2.model;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * Batched sampling. Prompts of similar length share a batch; a batch has a fixed number of rows, the last one filled up
 * with repetitions, so that a response does not depend on what else is sampled: to the bit where the processor's matrix
 * products treat every row alike, as those of AVX-512 do, and up to rounding elsewhere.
 */
final class Gpt2Sampler {
    private static final int ROWS = 32;

    private final Engine engine;
    private final Gpt2Config config;

    Gpt2Sampler(Engine engine, Gpt2Config config) {
        this.engine = engine;
        this.config = config;
    }

    List<List<Rollout>> sample(List<SamplingRequest> requests, SamplingSettings settings) {
        int most = config.positions() - settings.maxNewTokens();
        SettingException.require(
                most >= 1,
                "maxNewTokens",
                settings.maxNewTokens(),
                "1 to " + (config.positions() - 1) + ", below the model's n_positions");
        for (SamplingRequest request : requests) {
            SettingException.require(
                    request.prompt().length() <= most,
                    "prompt",
                    request.prompt().length() + " tokens",
                    "at most " + most + " tokens, n_positions less maxNewTokens");
        }
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, requests.size()).boxed().toList());
        order.sort(Comparator.comparingInt(i -> requests.get(i).prompt().length()));
        int prompts = Math.max(1, ROWS / settings.samplesPerPrompt());
        List<List<Rollout>> results = new ArrayList<>();
        requests.forEach(request -> results.add(null));
        for (int start = 0; start < order.size(); start += prompts) {
            List<Integer> part = order.subList(start, Math.min(order.size(), start + prompts));
            List<List<Rollout>> sampled =
                    sampleBatch(part, part.stream().map(requests::get).toList(), prompts, settings);
            for (int i = 0; i < part.size(); i++) {
                results.set(part.get(i), sampled.get(i));
            }
        }
        return results;
    }

    /**
     * Samples up to {@code prompts} requests in a batch of exactly as many.
     *
     * @param places of the requests among all
     */
    private List<List<Rollout>> sampleBatch(
            List<Integer> places, List<SamplingRequest> requests, int prompts, SamplingSettings settings) {
        int copies = settings.samplesPerPrompt();
        List<TokenSequence> sequences = new ArrayList<>(prompts);
        for (int i = 0; i < prompts; i++) {
            sequences.add(requests.get(Math.min(i, requests.size() - 1)).prompt());
        }
        TokenBatch batch = TokenBatch.of(sequences, config);
        Row[] rows = new Row[prompts * copies];
        for (int i = 0; i < requests.size() * copies; i++) {
            rows[i] = new Row(places.get(i / copies), requests.get(i / copies), i % copies);
        }
        try (Engine.Tokens tokens = engine.tokens(prompts, batch.length(), settings)) {
            add(rows, settings, tokens.first(batch, generators(rows)));
            while (Arrays.stream(rows).anyMatch(row -> row != null && !row.finished)) {
                int[] last = Arrays.stream(rows)
                        .mapToInt(row -> row == null ? 0 : row.lastToken())
                        .toArray();
                add(rows, settings, tokens.next(last, generators(rows)));
            }
        }
        List<List<Rollout>> results = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            results.add(Arrays.stream(rows, i * copies, (i + 1) * copies)
                    .filter(Objects::nonNull)
                    .map(Row::rollout)
                    .toList());
        }
        return results;
    }

    private static RandomSource[] generators(Row... rows) {
        return Arrays.stream(rows)
                .map(row -> row == null || row.finished ? null : row.random)
                .toArray(RandomSource[]::new);
    }

    private void add(Row[] rows, SamplingSettings settings, TokenSampler.Draw... draws) {
        for (int row = 0; row < rows.length; row++) {
            if (draws[row] != null) {
                rows[row].add(draws[row], settings, config.ends());
            }
        }
    }

    /** A response as it grows. */
    private static final class Row {
        private final int place;
        private final SamplingRequest request;
        private final RandomSource random;
        private final ImmutableIntArray.Builder tokens = ImmutableIntArray.builder();
        private final ImmutableDoubleArray.Builder logProbabilities = ImmutableDoubleArray.builder();
        private int count;
        private int last;
        private boolean ended;
        private boolean finished;

        Row(int place, SamplingRequest request, int copy) {
            this.place = place;
            this.request = request;
            this.random = RandomSource.of(request.seed()).stream("sample " + copy);
        }

        void add(TokenSampler.Draw draw, SamplingSettings settings, List<Integer> ends) {
            if (!Double.isFinite(draw.logProbability())) {
                throw new NonFiniteException(
                        "the log-probability of token " + count + " of a response to prompt " + place,
                        draw.logProbability());
            }
            tokens.add(draw.token());
            logProbabilities.add(draw.logProbability());
            last = draw.token();
            count++;
            ended = settings.stopAtEndOfText() && ends.contains(last);
            finished = ended || count == settings.maxNewTokens();
        }

        int lastToken() {
            return last;
        }

        Rollout rollout() {
            return new Rollout(request.followedBy(tokens.build().toArray()), logProbabilities.build(), ended);
        }
    }
}
