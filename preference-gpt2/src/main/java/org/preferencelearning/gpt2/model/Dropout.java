package org.preferencelearning.gpt2.model;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/** Dropout as PyTorch's: a value is dropped with a probability and otherwise divided by the probability that it stays. */
final class Dropout implements Stateful {
    private final long threshold;
    private final float kept;
    private final RandomSource random;

    /** @param probability that a value is dropped, 0 to below 1 */
    Dropout(double probability, RandomSource random) {
        SettingException.require(probability >= 0 && probability < 1, "dropout", probability, "at least 0 and below 1");
        this.threshold = Math.round(probability * (1L << Integer.SIZE));
        this.kept = (float) (1 / (1 - probability));
        this.random = random;
    }

    @Override
    public void save(StateWriter writer) {
        writer.whole("threshold", threshold);
        random.save(writer.child("random"));
    }

    @Override
    public void load(StateReader reader) {
        long saved = reader.whole("threshold");
        if (saved != threshold) {
            throw reader.fault("threshold", "it is " + saved + ", not " + threshold + ": another dropout");
        }
        random.load(reader.child("random"));
    }

    /** Fills a mask with what values are to be multiplied by. */
    void draw(INDArray mask) {
        try (INDArray drawn = Nd4j.createFromArray(factors(mask.length()))) {
            mask.assign(drawn.reshape(mask.shape()));
        }
    }

    /** What so many values are to be multiplied by. */
    float[] factors(long count) {
        float[] factors = new float[Math.toIntExact(count)];
        long bits = 0;
        for (int i = 0; i < factors.length; i++) {
            bits = i % 2 == 0 ? random.nextLong() : bits >>> Integer.SIZE;
            factors[i] = (bits & 0xFFFFFFFFL) < threshold ? 0 : kept;
        }
        return factors;
    }
}
