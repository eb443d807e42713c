package org.preferencelearning.gpt2.model;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.memory.AvailableMemory;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.compile.KeyValueCache;

/**
 * Batched sampling. Prompts of similar length share a batch; a batch has a fixed number of rows, the last one filled up
 * with repetitions, so that a response does not depend on what else is sampled: to the bit where the processor's matrix
 * products treat every row alike, as those of AVX-512 do, and up to rounding elsewhere.
 */
final class Gpt2Sampler implements AutoCloseable {
    private static final int ROWS = 32;

    private final Gpt2Body body;
    private final LanguageModelHead head;
    private Gpt2Decoder decoder;

    Gpt2Sampler(Gpt2Body body, LanguageModelHead head) {
        this.body = body;
        this.head = head;
    }

    List<List<Rollout>> sample(List<SamplingRequest> requests, SamplingSettings settings) {
        int most = body.config().positions() - settings.maxNewTokens();
        SettingException.require(
                most >= 1,
                "maxNewTokens",
                settings.maxNewTokens(),
                "1 to " + (body.config().positions() - 1) + ", below the model's n_positions");
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
        TokenBatch batch = TokenBatch.of(sequences, body.config());
        Row[] rows = new Row[prompts * copies];
        for (int i = 0; i < requests.size() * copies; i++) {
            rows[i] = new Row(places.get(i / copies), requests.get(i / copies), i % copies);
        }
        Gpt2Decoder decoder = decoder(new KeyValueCache.Size(prompts, copies, batch.length(), settings.maxNewTokens()));
        int[] lastOfPrompts = IntStream.range(0, rows.length)
                .map(row -> batch.lastPosition(row / copies))
                .toArray();
        try (TokenSampler sampler = new TokenSampler(settings)) {
            draw(rows, sampler, settings, head.logits(decoder.begin(batch), lastOfPrompts));
            while (Arrays.stream(rows).anyMatch(row -> row != null && !row.finished)) {
                int[] tokens = Arrays.stream(rows)
                        .mapToInt(row -> row == null ? 0 : row.lastToken())
                        .toArray();
                draw(rows, sampler, settings, decoder.next(tokens));
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

    private void draw(Row[] rows, TokenSampler sampler, SamplingSettings settings, INDArray logits) {
        RandomSource[] random = Arrays.stream(rows)
                .map(row -> row == null || row.finished ? null : row.random)
                .toArray(RandomSource[]::new);
        TokenSampler.Draw[] draws = sampler.draw(logits, random);
        for (int row = 0; row < rows.length; row++) {
            if (draws[row] != null) {
                rows[row].add(draws[row], settings, body.config().ends());
            }
        }
    }

    private Gpt2Decoder decoder(KeyValueCache.Size size) {
        if (decoder == null || !decoder.size().equals(size)) {
            close();
            AvailableMemory.require("sampling " + size.rows() + " responses at once", cacheBytes(size));
            decoder = new Gpt2Decoder(body, size);
        }
        return decoder;
    }

    /** Keys and values of all blocks. */
    private long cacheBytes(KeyValueCache.Size size) {
        long positions = (long) size.prompts() * size.promptCapacity() + (long) size.rows() * size.capacity();
        return 2L
                * body.config().layers()
                * body.config().width()
                * positions
                * body.type().width();
    }

    @Override
    public void close() {
        if (decoder != null) {
            decoder.close();
            decoder = null;
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
