package org.preferencelearning.gpt2.model;

import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.compile.GraphExecution;
import org.preferencelearning.gpt2.internal.compile.KeyValueCache;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;

/**
 * Computes a batch of sequences token by token with a key/value cache: each prompt once for all its copies, then one token
 * of every row at a time. Values are kept where the model's other graphs keep theirs, so no other may run in between.
 */
final class Gpt2Decoder implements AutoCloseable {
    private final KeyValueCache cache;
    private final Part prompts;
    private final Part step;

    Gpt2Decoder(Gpt2Body body, KeyValueCache.Size size) {
        Gpt2Config config = body.config();
        cache = new KeyValueCache(size, config.layers(), config.heads(), config.width(), body.type());
        prompts = new Part(body, size.prompts() * size.promptCapacity(), embedded -> body.planPrompts(embedded, cache));
        step = new Part(body, size.rows(), embedded -> body.planStep(embedded, cache));
    }

    /**
     * Starts new sequences with {@code batch}, one row a prompt and of the cache's length.
     *
     * @return hidden states, {@code [prompts * batch.length(), width]}, valid until the next call
     */
    INDArray begin(TokenBatch batch) {
        cache.begin(batch.sequences().stream().mapToInt(TokenSequence::length).toArray());
        return prompts.run(batch.ids(), batch.places(), TransformerGraph.HIDDEN);
    }

    /**
     * Appends a token to every row.
     *
     * @return logits of the tokens that follow, {@code [rows, vocabulary]}, which may be written into; valid until the next
     *     call
     */
    INDArray next(int[] tokens) {
        if (cache.steps() == 0) {
            step.execution.refresh();
        }
        int[] places = new int[tokens.length];
        for (int row = 0; row < places.length; row++) {
            places[row] = cache.length(row);
        }
        cache.advance();
        return step.run(tokens, places, TransformerGraph.LOGITS);
    }

    /** What this serves. */
    KeyValueCache.Size size() {
        return cache.size();
    }

    @Override
    public void close() {
        prompts.close();
        step.close();
        cache.close();
    }

    /** A graph of some tokens that reads or fills the cache. */
    private static final class Part implements AutoCloseable {
        private final EmbeddingLookup lookup;
        private final GraphExecution execution;

        /** @param plan from the tokens' embeddings to the graph */
        Part(Gpt2Body body, int tokens, Function<INDArray, GraphExecution> plan) {
            lookup = new EmbeddingLookup(body.parameters(), tokens);
            execution = plan.apply(lookup.embedded());
        }

        INDArray run(int[] tokens, int[] places, String output) {
            lookup.run(tokens, places);
            execution.run(0);
            return execution.output(output);
        }

        @Override
        public void close() {
            execution.close();
            lookup.close();
        }
    }
}
