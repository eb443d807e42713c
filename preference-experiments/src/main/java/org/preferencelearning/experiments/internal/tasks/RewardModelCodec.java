package org.preferencelearning.experiments.internal.tasks;

import java.nio.file.Path;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** A reward model as a folder in Hugging Face's layout, frozen when it is read. */
public final class RewardModelCodec implements Codec<Gpt2RewardModel> {
    @Override
    public void write(Gpt2RewardModel model, Path folder) {
        model.save(folder);
    }

    @Override
    public Gpt2RewardModel read(Path folder) {
        return Gpt2RewardModel.load(folder, ParameterSelection.none());
    }
}
