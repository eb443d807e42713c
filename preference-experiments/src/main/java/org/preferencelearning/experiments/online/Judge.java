package org.preferencelearning.experiments.online;

import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.RewardModel;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;

/**
 * A reward that can be asked.
 *
 * @param annotator gives the rewards
 * @param owned models that it alone uses
 */
record Judge(Annotator annotator, List<Gpt2RewardModel> owned) implements RewardModel, AutoCloseable {
    @Override
    public double[] rewards(List<TokenSequence> sequences) {
        return annotator.rewards(sequences);
    }

    @Override
    public void close() {
        owned.forEach(Gpt2RewardModel::close);
    }
}
