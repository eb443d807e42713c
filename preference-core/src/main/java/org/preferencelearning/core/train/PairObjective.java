package org.preferencelearning.core.train;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.LossValues;

/**
 * What objectives over pairs share: evaluate all sequences of a batch, compute the loss of each pair from the values, and
 * send its derivatives back.
 *
 * @param <I> the numbers that the loss reads
 */
public abstract class PairObjective<I> implements TrainingObjective<TokenPair> {
    PairObjective() {}

    @Override
    public double weight(TokenPair example) {
        return 1;
    }

    @Override
    public List<TokenSequence> sequences(TokenPair example) {
        return List.of(example.chosen(), example.rejected());
    }

    @Override
    public HashCode fingerprint(List<TokenPair> examples) {
        Hasher hasher = Hashing.sha256().newHasher();
        hasher.putBytes(TrainingObjective.super.fingerprint(examples).asBytes());
        for (TokenPair pair : examples) {
            hasher.putDouble(pair.weight()).putDouble(pair.margin().orElse(Double.NaN));
        }
        return hasher.hash();
    }

    @Override
    public Metrics accumulate(List<TokenPair> batch, double scale) {
        SequenceValues said = values(PairBatches.sequences(batch), true);
        I inputs = inputs(batch, said);
        LossValues values = loss(inputs);
        said.backward().accept(PairBatches.upstream(values, scale));
        return metrics(batch, inputs, said, values);
    }

    @Override
    public Metrics evaluate(List<TokenPair> batch) {
        SequenceValues said = values(PairBatches.sequences(batch), false);
        I inputs = inputs(batch, said);
        return metrics(batch, inputs, said, loss(inputs));
    }

    /**
     * Metrics and each pair's margin, without any gradient.
     *
     * @param pairs at least one
     * @param batchSize pairs evaluated at once
     */
    public PairEvaluation evaluatePairs(List<TokenPair> pairs, int batchSize) {
        Metrics metrics = new Metrics();
        double[] margins = new double[pairs.size()];
        for (int start = 0; start < margins.length; start += batchSize) {
            List<TokenPair> batch = pairs.subList(start, Math.min(margins.length, start + batchSize));
            SequenceValues said = values(PairBatches.sequences(batch), false);
            I inputs = inputs(batch, said);
            metrics.addAll(metrics(batch, inputs, said, loss(inputs)));
            System.arraycopy(margins(inputs), 0, margins, start, batch.size());
        }
        return new PairEvaluation(metrics, margins);
    }

    /** Each pair's margin. */
    abstract double[] margins(I inputs);

    /**
     * What the model says of sequences.
     *
     * @param differentiable whether derivatives are to go back
     */
    abstract SequenceValues values(List<TokenSequence> sequences, boolean differentiable);

    /** What the loss reads, from what the model says. */
    abstract I inputs(List<TokenPair> batch, SequenceValues said);

    abstract LossValues loss(I inputs);

    abstract Metrics metrics(List<TokenPair> batch, I inputs, SequenceValues said, LossValues values);
}
