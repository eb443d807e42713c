package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** The model that a study starts from, and which of its parameters the studied policies train. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ModelSpec.Fresh.class, name = "fresh"),
    @JsonSubTypes.Type(value = ModelSpec.Pretrained.class, name = "pretrained")
})
public sealed interface ModelSpec {
    /** Which parameters of a policy are trained. */
    ParameterSelection trained();

    /** The same model of whose policies these parameters are trained. */
    ModelSpec training(ParameterSelection trained);

    /** The same model with these parameters of policies frozen: a mis-specified policy class. */
    default ModelSpec frozen(ParameterGroup... groups) {
        return training(ParameterSelection.frozen(groups));
    }

    /**
     * The same model fine-tuned otherwise before the study.
     *
     * @throws SettingException if it is a pretrained one, which is taken as it is
     */
    ModelSpec fineTuning(UnaryOperator<TrainingSettings> change);

    /**
     * Random weights, fine-tuned on the study's own data before anything else.
     *
     * @param config shape; its vocabulary is replaced by the tokenizer's
     * @param fineTuning how
     */
    record Fresh(Gpt2Config config, TrainingSettings fineTuning, ParameterSelection trained) implements ModelSpec {
        public Fresh {
            requireNonNull(config, "config");
            requireNonNull(fineTuning, "fineTuning");
            requireNonNull(trained, "trained");
        }

        @Override
        public Fresh training(ParameterSelection trained) {
            return new Fresh(config, fineTuning, trained);
        }

        @Override
        public Fresh fineTuning(UnaryOperator<TrainingSettings> change) {
            return new Fresh(config, change.apply(fineTuning), trained);
        }
    }

    /**
     * Weights that exist, taken as they are.
     *
     * @param source a folder in Hugging Face's layout, or {@code owner/name} or {@code owner/name@revision} on the Hub
     */
    record Pretrained(String source, ParameterSelection trained) implements ModelSpec {
        public Pretrained {
            requireNonNull(source, "source");
            requireNonNull(trained, "trained");
        }

        @Override
        public Pretrained training(ParameterSelection trained) {
            return new Pretrained(source, trained);
        }

        @Override
        public Pretrained fineTuning(UnaryOperator<TrainingSettings> change) {
            throw new SettingException(
                    "fineTuning", "set", "a model with random weights; '" + source + "' is taken as is");
        }
    }
}
