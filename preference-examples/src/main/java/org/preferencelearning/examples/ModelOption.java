package org.preferencelearning.examples;

import static org.preferencelearning.experiments.dsl.Studies.gpt2;

import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/** A model as a user names it: a folder, a name on the Hub, or a size. */
final class ModelOption {
    private static final Map<String, Supplier<Gpt2Config>> SIZES = Map.of(
            "nano", Gpt2Config::nano,
            "small", Gpt2Config::small,
            "medium", Gpt2Config::medium,
            "large", Gpt2Config::large);

    private ModelOption() {}

    /**
     * The model of that name, with what a study's own model trains.
     *
     * @param name a size, for random weights that are fine-tuned as the study's model is, else a folder or Hub name
     */
    static ModelSpec of(String name, ModelSpec instead) {
        Supplier<Gpt2Config> size = SIZES.get(name.toLowerCase(Locale.ROOT));
        if (size == null) {
            return gpt2(name).training(instead.trained());
        }
        ModelSpec fresh = gpt2(size.get());
        if (instead instanceof ModelSpec.Fresh own) {
            fresh = fresh.fineTuned(spec -> own.fineTuning());
        }
        return fresh.training(instead.trained());
    }
}
