package org.preferencelearning.examples;

import java.nio.file.Path;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.io.OutputFolder;
import org.preferencelearning.experiments.tasks.Models;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/**
 * A model that an option names. Its shape is known before its weights are loaded, so that what does not fit it is found
 * before the work.
 *
 * @param folder where it is, after a download perhaps
 * @param config its shape
 */
record NamedModel(Path folder, Gpt2Config config) {
    /** Beside the weights: the shape and the tokenizer. */
    private static final long SMALL_FILES = 4_000_000;

    /**
     * Finds the model.
     *
     * @param option that names it
     * @param source a folder, or a name on the Hub
     * @throws SettingException if its vocabulary lacks tokens of the tokenizer
     */
    static NamedModel find(String option, String source, Models models, Tokenizer tokenizer) {
        Path folder = models.folder(source);
        Gpt2Config config = Gpt2Config.readFolder(folder);
        SettingException.require(
                config.vocabulary() >= tokenizer.vocabulary(),
                option,
                source + " with " + config.vocabulary() + " tokens",
                "a model of at least the tokenizer's " + tokenizer.vocabulary() + " tokens");
        return new NamedModel(folder, config);
    }

    Gpt2Policy policy(ParameterSelection trained) {
        return Gpt2Policy.load(folder, trained);
    }

    Gpt2RewardModel rewardModel() {
        return Gpt2RewardModel.load(folder, ParameterSelection.none());
    }

    /**
     * Longest sequence of a command.
     *
     * @param given what the option says, or null for the usual length, or what of it the model takes
     */
    int longest(String option, Integer given, int usual) {
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
