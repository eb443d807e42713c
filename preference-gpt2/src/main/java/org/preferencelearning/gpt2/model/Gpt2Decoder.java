package org.preferencelearning.gpt2.model;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.gpt2.compile.GraphExecution;
import org.preferencelearning.gpt2.compile.KeyValueCache;
import org.preferencelearning.gpt2.compile.Workspace;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.TransformerGraph;

/**
 * Computes a batch of sequences token by token with a key/value cache: each prompt once for all its copies, then one token
 * of every row at a time.
 */
final class Gpt2Decoder implements AutoCloseable {
    private final Gpt2Body body;
    private final KeyValueCache cache;
    private final Workspace workspace;
    private final Part prompts;
    private final Part step;

    Gpt2Decoder(Gpt2Body body, KeyValueCache.Size size) {
        this.body = body;
        workspace = new Workspace(body.clock());
        Gpt2Config config = body.config();
        cache = new KeyValueCache(size, config.layers(), config.heads(), config.width(), body.type());
        prompts = new Part(size.prompts(), size.promptCapacity());
        step = new Part(size.rows(), 1);
    }

    /**
     * Starts new sequences with {@code batch}, one row a prompt and of the cache's length.
     *
     * @return hidden states, {@code [prompts * batch.length(), width]}, valid until the next call
     */
    INDArray begin(TokenBatch batch) {
        cache.begin(batch.sequences().stream().mapToInt(TokenSequence::length).toArray());
        return prompts.run(batch.ids(), batch.places());
    }

    /**
     * Appends a token to every row.
     *
     * @return hidden states of these tokens, {@code [rows, width]}, valid until the next call
     */
    INDArray next(int[] tokens) {
        int[] places = new int[tokens.length];
        for (int row = 0; row < places.length; row++) {
            places[row] = cache.length(row);
        }
        cache.advance();
        return step.run(tokens, places);
    }

    /** What this serves. */
    KeyValueCache.Size size() {
        return cache.size();
    }

    @Override
    public void close() {
        prompts.close();
        step.close();
        workspace.close();
        cache.close();
    }

    /** The graph of some rows of one length that reads or fills the cache. */
    private final class Part implements AutoCloseable {
        private final EmbeddingLookup lookup;
        private final GraphExecution execution;

        Part(int rows, int length) {
            lookup = new EmbeddingLookup(body.parameters(), rows * length);
            execution = body.planForward(rows, length, lookup.embedded(), Optional.of(cache), workspace);
        }

        INDArray run(int[] tokens, int[] places) {
            lookup.run(tokens, places);
            execution.run(0);
            return execution.output(TransformerGraph.HIDDEN);
        }

        @Override
        public void close() {
            execution.close();
            lookup.close();
        }
    }
}
