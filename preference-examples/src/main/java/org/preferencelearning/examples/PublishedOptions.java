package org.preferencelearning.examples;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.study.ModelSpec;
import picocli.CommandLine.Option;

/** What a study that was published can be run as, and on which model. */
final class PublishedOptions {
    @Option(
            names = "--model",
            description =
                    "Folder or Hub name of the policy to start from, or nano, small, medium or large for random weights"
                            + " of that size (default: the study's).")
    private @Nullable String model;

    @Option(
            names = "--preset",
            description = "published or described: run the published study as the public code does, or as its text"
                    + " describes it, at full size unless --scale says otherwise.")
    private @Nullable Preset preset;

    /** The model, if one was named. */
    Optional<String> model() {
        return Optional.ofNullable(model);
    }

    /** The preset, if one was named. */
    Optional<Preset> preset() {
        return Optional.ofNullable(preset);
    }

    /** The model that was named, or the study's own. */
    ModelSpec modelOr(ModelSpec own) {
        return model == null ? own : ModelOption.of(model, own);
    }
}
