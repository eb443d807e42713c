package org.preferencelearning.experiments.internal.tasks;

import java.nio.file.Path;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** A policy as a folder in Hugging Face's layout, frozen when it is read. */
public final class PolicyCodec implements Codec<Gpt2Policy> {
    @Override
    public void write(Gpt2Policy policy, Path folder) {
        policy.save(folder);
    }

    @Override
    public Gpt2Policy read(Path folder) {
        return Gpt2Policy.load(folder, ParameterSelection.none());
    }
}
