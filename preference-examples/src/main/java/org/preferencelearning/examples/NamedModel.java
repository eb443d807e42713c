package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.OutputFolder;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import org.preferencelearning.gpt2.tokenizer.TokenizerFiles;

/**
 * A model that an option names. Its shape is known before its weights are loaded, so that what does not fit it is found
 * before the work.
 *
 * @param folder where it is, after a download perhaps; of adapters, the model that they are of
 * @param adapter where its adapters are, which are merged into it
 * @param config its shape
 */
record NamedModel(Path folder, Optional<Path> adapter, Gpt2Config config) {
    /** Beside the weights: the shape and the tokenizer. */
    private static final long SMALL_FILES = 4_000_000;

    /**
     * Finds the model.
     *
     * @param option that names it
     * @param source a folder, of a model or of adapters, or a name on the Hub
     * @param base the model that adapters are of; null for the one that they name
     * @throws SettingException if its vocabulary lacks tokens of the tokenizer, or it is adapters of no known model
     */
    static NamedModel find(String option, String source, BaseOption base, Models models, Tokenizer tokenizer) {
        Path named = models.folder(source);
        Optional<Path> adapter = Optional.of(named).filter(Gpt2Policy::isAdapter);
        Path folder = adapter.map(of -> models.folder(base(option, of, base))).orElse(named);
        Gpt2Config config = Gpt2Config.readFolder(folder);
        TokenizerFiles.requireGpt2(folder);
        adapter.ifPresent(TokenizerFiles::requireGpt2);
        SettingException.require(
                config.vocabulary() >= tokenizer.vocabulary(),
                option,
                source + " with " + config.vocabulary() + " tokens",
                "a model of at least the tokenizer's " + tokenizer.vocabulary() + " tokens");
        return new NamedModel(folder, adapter, config);
    }

    private static String base(String option, Path adapter, BaseOption base) {
        Optional<String> given = base.model();
        if (given.isPresent()) {
            return given.get();
        }
        return Gpt2Policy.baseOfAdapter(adapter)
                .orElseThrow(() -> new SettingException(
                        option,
                        adapter + ", adapters that do not say which model they are of",
                        "a model, or adapters with --base"));
    }

    /** Adapters are merged, so that the selection is one of the model's own parameters. */
    Gpt2Policy policy(ParameterSelection trained) {
        return adapter.isEmpty()
                ? Gpt2Policy.load(folder, trained)
                : Models.mergedPolicy(folder, adapter.get(), trained);
    }

    /** @param label of a classifier of several, or null where there is one */
    Gpt2RewardModel rewardModel(@Nullable Integer label) {
        if (adapter.isPresent()) {
            SettingException.require(
                    label == null, "--label", label, "nothing for adapters, which bring a head of one label");
            return Models.mergedRewardModel(folder, adapter.get());
        }
        return label == null
                ? Gpt2RewardModel.load(folder, ParameterSelection.none())
                : Gpt2RewardModel.load(folder, ParameterSelection.none(), label);
    }

    /**
     * Longest sequence of a command.
     *
     * @param given what the option says, or null for the usual length, or what of it the model takes
     */
    int longest(String option, @Nullable Integer given, int usual) {
        if (given == null) {
            return Math.min(usual, config.positions());
        }
        SettingException.require(
                given >= 2 && given <= config.positions(),
                option,
                given,
                "2 to " + config.positions() + ", the model's n_positions");
        return given;
    }

    /** Most tokens of a prompt that leaves room for a response of so many tokens. */
    int longestPrompt(int maxNewTokens) {
        SettingException.require(
                maxNewTokens >= 1 && maxNewTokens < config.positions(),
                "--max-new-tokens",
                maxNewTokens,
                "1 to " + (config.positions() - 1) + ", the model's n_positions less a token of the prompt");
        return config.positions() - maxNewTokens;
    }

    /** Checks that a model of a shape can be saved. */
    static void requireRoom(String option, Path out, Gpt2Config config) {
        OutputFolder.check(option, out, config.parameters() * Float.BYTES + SMALL_FILES);
    }
}
