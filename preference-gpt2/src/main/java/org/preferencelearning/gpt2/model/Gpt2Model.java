package org.preferencelearning.gpt2.model;

import java.nio.file.Path;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;

/** What a policy and a reward model share: parameters, the transformer's body, and which forward pass is the last one. */
abstract class Gpt2Model implements Trainable {
    final Gpt2Config config;
    final ParameterStore parameters;
    final Gpt2Body body;
    private int evaluations;

    Gpt2Model(Gpt2Config config, ParameterStore parameters) {
        this.config = config;
        this.parameters = parameters;
        this.body = new Gpt2Body(config, parameters);
    }

    /** The model's shape. */
    public Gpt2Config config() {
        return config;
    }

    @Override
    public ParameterStore parameters() {
        return parameters;
    }

    /** Writes the weights as safetensors in Hugging Face's names. */
    public void save(Path file) {
        HuggingFaceWeights.write(file, Gpt2Parameters.values(parameters));
    }

    /** Begins a use of the buffers, which ends every pass before it; returns the number of this use. */
    int beginEvaluation() {
        return ++evaluations;
    }

    /** Whether no use began after that one. */
    boolean isCurrent(int evaluation) {
        return evaluation == evaluations;
    }
}
