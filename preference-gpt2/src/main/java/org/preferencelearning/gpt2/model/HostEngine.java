package org.preferencelearning.gpt2.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.internal.compile.KeyValueCache;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

/** Passes where ND4J computes: on the processor by oneDNN, or on any backend of ND4J. */
final class HostEngine implements Engine {
    private final ParameterStore parameters;
    private final Gpt2Body body;
    private final LanguageModelHead head;
    private @Nullable Gpt2Decoder decoder;

    /** @param head name of the parameter that turns hidden states into logits */
    HostEngine(Gpt2Config config, ParameterStore parameters, Optional<LoraSettings> lora, String head) {
        this.parameters = parameters;
        this.body = new Gpt2Body(config, parameters, lora);
        this.head = new LanguageModelHead(parameters.get(head), body.clock());
    }

    /** Bytes of the buffers of the planned graph that has most. */
    long bufferBytes() {
        return body.bufferBytes();
    }

    @Override
    public TokenBatch batch(List<TokenSequence> sequences) {
        return body.batch(sequences);
    }

    @Override
    public double[] logProbabilities(
            TokenBatch batch, List<Scored> scored, boolean differentiable, Optional<TokenDistributions> distributions) {
        return head.forward(body.forward(batch, differentiable), scored, distributions);
    }

    @Override
    public void addGradient(TokenBatch batch, List<Scored> scored, double[] upstream) {
        head.backward(body.hidden(batch), scored, upstream, clearedHiddenGradient(batch), body.defersGradients());
        backward(batch);
    }

    private void backward(TokenBatch batch) {
        if (body.isTrained()) {
            body.backward(batch);
        }
    }

    /** What a head adds to; empty where nothing below it is trained. */
    private Optional<INDArray> clearedHiddenGradient(TokenBatch batch) {
        return body.isTrained() ? Optional.of(body.hiddenGradient(batch).assign(0)) : Optional.empty();
    }

    @Override
    public double[] logits(TokenBatch batch, int[] positions, boolean differentiable) {
        return HostValues.of(head.logits(body.forward(batch, differentiable), positions));
    }

    @Override
    public void addGradientOfLogits(TokenBatch batch, int[] positions, double[] gradient) {
        head.backwardOfLogits(gradient, positions, clearedHiddenGradient(batch));
        backward(batch);
    }

    @Override
    public double[] distribution(TokenBatch batch, int position, double temperature) {
        return head.distribution(body.forward(batch, false), position, temperature);
    }

    // Rewards

    @Override
    public double[] rewards(TokenBatch batch, boolean differentiable) {
        INDArray hidden = body.forward(batch, differentiable);
        double[] weight = HostValues.of(parameters.get(Gpt2Parameters.SCORE).value());
        double[] rows = lastRows(batch, hidden);
        double[] rewards = new double[batch.sequences().size()];
        for (int member = 0; member < rewards.length; member++) {
            int start = member * weight.length;
            for (int k = 0; k < weight.length; k++) {
                rewards[member] += rows[start + k] * weight[k];
            }
        }
        return rewards;
    }

    /** The hidden state of every sequence's last token, one after the other. */
    private static double[] lastRows(TokenBatch batch, INDArray hidden) {
        try (INDArray positions = Nd4j.createFromArray(batch.lastPositions());
                INDArray rows = Nd4j.create(hidden.dataType(), positions.length(), hidden.size(1))) {
            EmbeddingLookup.gather(hidden, positions, rows);
            return HostValues.of(rows);
        }
    }

    @Override
    public void addGradientOfRewards(TokenBatch batch, double[] upstream) {
        Parameter score = parameters.get(Gpt2Parameters.SCORE);
        int[] members = IntStream.range(0, upstream.length).toArray();
        if (score.trained()) {
            double[] rows = lastRows(batch, body.hidden(batch));
            int width = rows.length / upstream.length;
            for (int i = 0; i < rows.length; i++) {
                rows[i] *= upstream[i / width];
            }
            RowGradient.add(members, new int[upstream.length], rows, score.gradient());
        }
        clearedHiddenGradient(batch).ifPresent(hiddenGradient -> {
            double[] weight = HostValues.of(score.value());
            double[] updates = new double[upstream.length * weight.length];
            for (int i = 0; i < updates.length; i++) {
                updates[i] = upstream[i / weight.length] * weight[i % weight.length];
            }
            RowGradient.add(members, batch.lastPositions(), updates, hiddenGradient);
            body.backward(batch);
        });
    }

    // Sampling

    @Override
    public Tokens tokens(int prompts, int promptLength, SamplingSettings settings) {
        KeyValueCache.Size size =
                new KeyValueCache.Size(prompts, settings.samplesPerPrompt(), promptLength, settings.maxNewTokens());
        if (decoder == null || !decoder.size().equals(size)) {
            closeDecoder();
            AvailableMemory.require("sampling " + size.rows() + " responses at once", cacheBytes(size));
            decoder = new Gpt2Decoder(body, size);
        }
        return new HostTokens(decoder, new TokenSampler(settings));
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

    private final class HostTokens implements Tokens {
        private final Gpt2Decoder rows;
        private final TokenSampler sampler;

        HostTokens(Gpt2Decoder rows, TokenSampler sampler) {
            this.rows = rows;
            this.sampler = sampler;
        }

        @Override
        public TokenSampler.Draw[] first(TokenBatch batch, RandomSource[] random) {
            int copies = rows.size().copies();
            int[] lastOfPrompts = IntStream.range(0, random.length)
                    .map(row -> batch.lastPosition(row / copies))
                    .toArray();
            return sampler.draw(head.logits(rows.begin(batch), lastOfPrompts), random);
        }

        @Override
        public TokenSampler.Draw[] next(int[] tokens, RandomSource[] random) {
            return sampler.draw(rows.next(tokens), random);
        }

        @Override
        public void close() {
            sampler.close();
        }
    }

    private void closeDecoder() {
        if (decoder != null) {
            decoder.close();
            decoder = null;
        }
    }

    // Choices

    @Override
    public void requirePrecision(MatrixPrecision precision) {
        SettingException.require(
                precision == MatrixPrecision.FLOAT32 || FusedOperations.bfloat16() && body.type() == DataType.FLOAT,
                "precision",
                precision,
                "FLOAT32; BFLOAT16 needs a model in float32 and a processor with AVX-512 BF16");
    }

    @Override
    public void precision(MatrixPrecision precision) {
        closeDecoder();
        body.precision(precision);
        head.precision(precision);
    }

    @Override
    public void dropout(Dropout dropout) {
        body.dropout(dropout);
    }

    @Override
    public Stateful trainingState() {
        return body.trainingState();
    }

    @Override
    public KernelClock clock() {
        return body.clock();
    }

    @Override
    public void close() {
        closeDecoder();
        body.close();
        head.close();
    }
}
