package org.preferencelearning.core.train;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.LossValues;
import org.preferencelearning.core.model.ForwardPass;

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
        List<TokenSequence> sequences = PairBatches.sequences(batch);
        ForwardPass pass = model().forward(sequences);
        I inputs = inputs(batch, sequences, pass.values());
        LossValues values = loss(inputs);
        pass.backward(PairBatches.upstream(values, scale));
        return metrics(batch, inputs, values);
    }

    @Override
    public Metrics evaluate(List<TokenPair> batch) {
        List<TokenSequence> sequences = PairBatches.sequences(batch);
        I inputs = inputs(batch, sequences, values(sequences));
        return metrics(batch, inputs, loss(inputs));
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
            List<TokenSequence> sequences = PairBatches.sequences(batch);
            I inputs = inputs(batch, sequences, values(sequences));
            metrics.addAll(metrics(batch, inputs, loss(inputs)));
            System.arraycopy(margins(inputs), 0, margins, start, batch.size());
        }
        return new PairEvaluation(metrics, margins);
    }

    /** Each pair's margin. */
    abstract double[] margins(I inputs);

    /** The model's value of each sequence, not to be differentiated. */
    abstract double[] values(List<TokenSequence> sequences);

    /** What the loss reads, from the model's values. */
    abstract I inputs(List<TokenPair> batch, List<TokenSequence> sequences, double[] values);

    abstract LossValues loss(I inputs);

    abstract Metrics metrics(List<TokenPair> batch, I inputs, LossValues values);
}
