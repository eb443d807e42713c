package org.preferencelearning.gpt2.model;

import java.util.List;
import java.util.Optional;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

/**
 * What computes a model's passes on one device: the transformer's body with a head on it, forward and backward, and tokens one
 * after the other. Batches go in and single numbers come out; whatever lies between stays on the device. A backward pass
 * belongs to the forward pass before it.
 */
interface Engine extends AutoCloseable {
    /** How a pass that is differentiated lays sequences out. */
    TokenBatch batch(List<TokenSequence> sequences);

    /**
     * Log-probability of each scored token.
     *
     * @param distributions set to what the distributions say, an entry a scored token
     */
    double[] logProbabilities(
            TokenBatch batch, List<Scored> scored, boolean differentiable, Optional<TokenDistributions> distributions);

    /**
     * Adds {@code sum_i upstream[i] * d logp_i} to the gradient of every trained parameter.
     *
     * @param scored those of the last differentiable {@link #logProbabilities}
     */
    void addGradient(TokenBatch batch, List<Scored> scored, double[] upstream);

    /** Logits of every token after each of some positions, one position after the other. */
    double[] logits(TokenBatch batch, int[] positions, boolean differentiable);

    /**
     * Adds what follows from a gradient by logits to the gradient of every trained parameter.
     *
     * @param positions those of the last differentiable {@link #logits}, each once
     */
    void addGradientOfLogits(TokenBatch batch, int[] positions, double[] gradient);

    /** Probability of every token after a position. */
    double[] distribution(TokenBatch batch, int position, double temperature);

    /** Reward of each sequence, by a scalar head. */
    double[] rewards(TokenBatch batch, boolean differentiable);

    /** Adds {@code sum_i upstream[i] * d reward_i} to the gradient of every trained parameter. */
    void addGradientOfRewards(TokenBatch batch, double[] upstream);

    /**
     * What draws responses to prompts of one batch, a token of every row at a time; no other pass may run in between.
     *
     * @param prompts in the batch
     * @param promptLength most tokens of a prompt
     */
    Tokens tokens(int prompts, int promptLength, SamplingSettings settings);

    /** Draws tokens; row {@code p * copies + c} is copy c of prompt p. */
    interface Tokens extends AutoCloseable {
        /**
         * The first token of each row that has a generator.
         *
         * @param batch one prompt a row
         * @param random one generator a row, or null for a row that needs no token
         */
        TokenSampler.Draw[] first(TokenBatch batch, RandomSource[] random);

        /** The token that follows the given ones, for each row that has a generator. */
        TokenSampler.Draw[] next(int[] tokens, RandomSource[] random);

        @Override
        void close();
    }

    /** Chooses what factors of products with weights are rounded to. */
    void precision(MatrixPrecision precision);

    /** Throws unless this engine has a precision. */
    void requirePrecision(MatrixPrecision precision);

    /** Drops values at random in passes that are differentiated. */
    void dropout(Dropout dropout);

    /** Of what is dropped at random, or none. */
    Stateful trainingState();

    /** Counts the time of kernels. */
    KernelClock clock();

    @Override
    void close();
}
