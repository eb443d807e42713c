package org.preferencelearning.gpt2.model;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.gpt2.compile.GraphExecution;
import org.preferencelearning.gpt2.compile.KeyValueCache;
import org.preferencelearning.gpt2.graph.TransformerGraph;

/**
 * Computes a batch of sequences token by token with a key/value cache: each prompt once for all its copies, then one token
 * of every row at a time. For one number of prompts, copies and tokens.
 */
final class Gpt2Decoder implements AutoCloseable {
    private final Gpt2Body body;
    private final int prompts;
    private final KeyValueCache cache;
    private final EmbeddingLookup stepLookup;
    private final GraphExecution step;
    private final Map<Integer, PromptGraph> promptGraphs = new HashMap<>();

    Gpt2Decoder(Gpt2Body body, int prompts, int copies, int capacity) {
        this.body = body;
        this.prompts = prompts;
        cache = new KeyValueCache(
                body.config().layers(), prompts, copies, capacity, body.config().width(), body.type());
        stepLookup = new EmbeddingLookup(body.parameters(), cache.rows());
        step = body.planForward(cache.rows(), 1, stepLookup.embedded(), Optional.of(cache));
    }

    /**
     * Starts new sequences with {@code batch}, one row a prompt.
     *
     * @return hidden states, {@code [prompts * batch.length(), width]}, valid until the next call
     */
    INDArray begin(TokenBatch batch) {
        int[] lengths = new int[cache.rows()];
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = batch.sequences().get(row / cache.copies()).length();
        }
        cache.begin(lengths);
        return promptGraphs.computeIfAbsent(batch.length(), PromptGraph::new).run(batch);
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
        stepLookup.run(tokens, places);
        step.run(0);
        return step.output(TransformerGraph.HIDDEN);
    }

    /** Whether this serves batches of that many prompts, copies and tokens. */
    boolean fits(int prompts, int copies, int capacity) {
        return this.prompts == prompts && cache.copies() == copies && cache.capacity() == capacity;
    }

    @Override
    public void close() {
        promptGraphs.values().forEach(PromptGraph::close);
        step.close();
        stepLookup.close();
        cache.close();
    }

    /** The graph of prompts padded to one length. */
    private final class PromptGraph implements AutoCloseable {
        private final EmbeddingLookup lookup;
        private final GraphExecution execution;

        PromptGraph(int length) {
            lookup = new EmbeddingLookup(body.parameters(), prompts * length);
            execution = body.planForward(prompts, length, lookup.embedded(), Optional.of(cache));
        }

        INDArray run(TokenBatch batch) {
            lookup.run(batch.ids(), batch.places());
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
