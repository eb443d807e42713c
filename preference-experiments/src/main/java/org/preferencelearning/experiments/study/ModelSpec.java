package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.task.NotInKey;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** The model that a study starts from, and which of its parameters the studied policies train. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ModelSpec.Fresh.class, name = "fresh"),
    @JsonSubTypes.Type(value = ModelSpec.Pretrained.class, name = "pretrained"),
    @JsonSubTypes.Type(value = ModelSpec.FineTuned.class, name = "fine_tuned")
})
public sealed interface ModelSpec {
    /** Which parameters of a policy are trained. */
    ParameterSelection trained();

    /** Folder or Hub name of weights that exist. */
    @JsonIgnore
    default Optional<String> weights() {
        return Optional.empty();
    }

    /** The same model of whose policies these parameters are trained. */
    ModelSpec training(ParameterSelection trained);

    /** The same model with these parameters of policies frozen: a mis-specified policy class. */
    default ModelSpec frozen(ParameterGroup... groups) {
        return training(ParameterSelection.frozen(groups));
    }

    /** The same model fine-tuned otherwise before the study; one that exists is so no longer taken as it is. */
    default ModelSpec fineTuning(UnaryOperator<TrainingSettings> change) {
        return fineTuned(spec -> spec.training(change));
    }

    /** The same model fine-tuned on packed pieces of {@code length} tokens; 0 for a sequence a response. */
    default ModelSpec packed(int length) {
        return fineTuned(spec -> spec.packed(length));
    }

    /** The same model with another fine-tuning before the study; that of one that exists begins as the published one. */
    ModelSpec fineTuned(UnaryOperator<FineTuningSpec> change);

    /**
     * Random weights, fine-tuned on the study's own data before anything else.
     *
     * @param config shape; its vocabulary is replaced by the tokenizer's
     * @param fineTuning how
     */
    record Fresh(Gpt2Config config, FineTuningSpec fineTuning, ParameterSelection trained) implements ModelSpec {
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
        public Fresh fineTuned(UnaryOperator<FineTuningSpec> change) {
            return new Fresh(config, change.apply(fineTuning), trained);
        }
    }

    /**
     * Weights that exist, taken as they are.
     *
     * @param source a folder in Hugging Face's layout, or {@code owner/name} or {@code owner/name@revision} on the Hub; also of
     *     peft's adapters, which are merged into the model that they name
     */
    record Pretrained(@NotInKey String source, ParameterSelection trained) implements ModelSpec {
        public Pretrained {
            requireNonNull(source, "source");
            requireNonNull(trained, "trained");
        }

        @Override
        public Optional<String> weights() {
            return Optional.of(source);
        }

        @Override
        public Pretrained training(ParameterSelection trained) {
            return new Pretrained(source, trained);
        }

        @Override
        public FineTuned fineTuned(UnaryOperator<FineTuningSpec> change) {
            return new FineTuned(source, change.apply(FineTuningSpec.published()), trained);
        }
    }

    /**
     * Weights that exist, fine-tuned on the study's own data before anything else.
     *
     * @param source a folder in Hugging Face's layout, or {@code owner/name} or {@code owner/name@revision} on the Hub; also of
     *     peft's adapters, which are merged into the model that they name
     * @param fineTuning how
     */
    record FineTuned(@NotInKey String source, FineTuningSpec fineTuning, ParameterSelection trained)
            implements ModelSpec {
        public FineTuned {
            requireNonNull(source, "source");
            requireNonNull(fineTuning, "fineTuning");
            requireNonNull(trained, "trained");
        }

        @Override
        public Optional<String> weights() {
            return Optional.of(source);
        }

        @Override
        public FineTuned training(ParameterSelection trained) {
            return new FineTuned(source, fineTuning, trained);
        }

        @Override
        public FineTuned fineTuned(UnaryOperator<FineTuningSpec> change) {
            return new FineTuned(source, change.apply(fineTuning), trained);
        }
    }
}
