package org.preferencelearning.core.train;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.TrainablePolicy;

/** What objectives over sampled responses share. */
abstract class SampledObjective implements TrainingObjective<ScoredRollout> {
    private final String loss;

    SampledObjective(String loss) {
        this.loss = loss;
    }

    @Override
    public abstract TrainablePolicy model();

    @Override
    public final List<TokenSequence> sequences(ScoredRollout example) {
        return List.of(example.sequence());
    }

    @Override
    public final void check(ScoredRollout example) {
        TrainingObjective.super.check(example);
        SettingException.require(
                example.sequence().responseLength() > 0, "response", example.sequence(), "at least one token");
    }

    @Override
    public final String description() {
        return loss;
    }

    @Override
    public final HashCode fingerprint(List<ScoredRollout> examples) {
        Hasher hasher = Hashing.sha256().newHasher();
        hasher.putBytes(TrainingObjective.super.fingerprint(examples).asBytes());
        examples.forEach(example -> {
            example.behaviour().forEach(hasher::putDouble);
            hasher.putDouble(example.advantage());
        });
        return hasher.hash();
    }

    static List<TokenSequence> sequences(List<ScoredRollout> batch) {
        return batch.stream().map(ScoredRollout::sequence).toList();
    }

    /** Adds what every loss of a response reports. */
    final void report(Metrics metrics, ScoredRollout example, double ofResponse) {
        metrics.addMean(MetricNames.LOSS, ofResponse, weight(example));
        metrics.addMean(MetricNames.COMPLETIONS_MEAN_LENGTH, example.sequence().responseLength(), 1);
        metrics.addSum(MetricNames.NUM_TOKENS, example.sequence().length());
    }

    /** Adds whether something with an advantage has no slope. */
    static void reportClipped(Metrics metrics, double advantage, double slope) {
        metrics.addMean(MetricNames.CLIP_RATIO, advantage != 0 && slope == 0 ? 1 : 0, 1);
    }
}
