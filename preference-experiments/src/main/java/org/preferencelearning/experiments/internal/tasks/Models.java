package org.preferencelearning.experiments.internal.tasks;

import java.nio.file.Path;
import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.PromptSpec;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.hub.HubRepository;
import org.preferencelearning.gpt2.hub.HubSettings;
import org.preferencelearning.gpt2.hub.HuggingFaceHub;
import org.preferencelearning.gpt2.hub.ModelSource;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import org.preferencelearning.gpt2.tokenizer.TokenizerFiles;

/** Models and files that a study or a command names: from a folder, the Hub's cache, or the Hub. */
public final class Models {
    private final Progress progress;

    /** Downloads are told to {@code progress}. */
    public Models(Progress progress) {
        this.progress = progress;
    }

    /** A policy whose vocabulary is the tokenizer's and of which the selected parameters are trained. */
    public Gpt2Policy policy(String source, ParameterSelection trained, Tokenizer tokenizer) {
        requireTokens(source, tokenizer);
        Gpt2Policy policy = policy(source, trained);
        requireVocabulary(source, policy.config().vocabulary(), tokenizer, policy);
        return policy;
    }

    /** A frozen reward model whose vocabulary is the tokenizer's. */
    public Gpt2RewardModel rewardModel(String source, Tokenizer tokenizer) {
        requireTokens(source, tokenizer);
        Gpt2RewardModel model = rewardModel(source);
        requireVocabulary(source, model.config().vocabulary(), tokenizer, model);
        return model;
    }

    private void requireTokens(String source, Tokenizer tokenizer) {
        if (tokenizer instanceof Gpt2Tokenizer) {
            folders(source).forEach(TokenizerFiles::requireGpt2);
        }
    }

    private static void requireVocabulary(String source, int vocabulary, Tokenizer tokenizer, Trainable model) {
        if (vocabulary != tokenizer.vocabulary()) {
            model.close();
            throw new SettingException(
                    "model",
                    source + " with " + vocabulary + " tokens",
                    "a model of the tokenizer's " + tokenizer.vocabulary() + " tokens");
        }
    }

    /** A policy of which the selected parameters are trained; adapters are merged into the model that they name. */
    public Gpt2Policy policy(String source, ParameterSelection trained) {
        Path folder = folder(source);
        return Gpt2Policy.isAdapter(folder)
                ? mergedPolicy(baseOf(folder), folder, trained)
                : Gpt2Policy.load(folder, trained);
    }

    /** The policy of a model's folder, with the adapters of another merged into it. */
    public static Gpt2Policy mergedPolicy(Path model, Path adapters, ParameterSelection trained) {
        try (Gpt2Policy base = Gpt2Policy.load(model, ParameterSelection.none());
                Gpt2Policy adapted = base.withAdapter(adapters)) {
            return adapted.copy(trained);
        }
    }

    /** A frozen reward model; adapters are those of the model that they name. */
    public Gpt2RewardModel rewardModel(String source) {
        Path folder = folder(source);
        return Gpt2Policy.isAdapter(folder)
                ? mergedRewardModel(baseOf(folder), folder)
                : Gpt2RewardModel.load(folder, ParameterSelection.none());
    }

    /** The frozen reward model of a model's folder, with the adapters of another merged into it. */
    public static Gpt2RewardModel mergedRewardModel(Path model, Path adapters) {
        try (Gpt2RewardModel adapted = Gpt2RewardModel.load(model, adapters)) {
            return adapted.copy(ParameterSelection.none());
        }
    }

    /** Every folder that a model is read from: its own, and that of the model whose adapters it is. */
    public List<Path> folders(String source) {
        Path folder = folder(source);
        return Gpt2Policy.isAdapter(folder) ? List.of(folder, baseOf(folder)) : List.of(folder);
    }

    /** A model's shape; of adapters that of the model that they name. */
    public Gpt2Config config(String source) {
        List<Path> folders = folders(source);
        return Gpt2Config.readFolder(folders.get(folders.size() - 1));
    }

    private Path baseOf(Path adapters) {
        return folder(Gpt2Policy.baseOfAdapter(adapters)
                .orElseThrow(() -> new SettingException(
                        "model",
                        adapters + ", adapters that do not say which model they are of",
                        "a model, or adapters whose adapter_config.json names theirs")));
    }

    /** Where a model's files are; those of the Hub are downloaded first. */
    public Path folder(String source) {
        return ModelSource.folder(source, hub());
    }

    /**
     * A data set's file, folder or pattern; a file of the Hub is downloaded first.
     *
     * @throws SettingException if the data set has no file
     */
    public Path file(DatasetSpec dataset) {
        if (dataset instanceof DatasetSpec.Renamed renamed) {
            return file(renamed.of());
        }
        if (dataset instanceof DatasetSpec.Hub hub) {
            return datasetFile(hub.repository(), hub.file());
        }
        SettingException.require(dataset instanceof DatasetSpec.File, "dataset", dataset.label(), "one with a file");
        return Path.of(((DatasetSpec.File) dataset).path());
    }

    /**
     * A file of prompts; one of the Hub is downloaded first.
     *
     * @throws SettingException if the prompts have no file
     */
    public Path file(PromptSpec prompts) {
        if (prompts instanceof PromptSpec.Hub hub) {
            return datasetFile(hub.repository(), hub.file());
        }
        SettingException.require(prompts instanceof PromptSpec.File, "promptsFrom", prompts, "prompts with a file");
        return Path.of(((PromptSpec.File) prompts).path());
    }

    private Path datasetFile(String repository, String file) {
        return hub().file(HubRepository.dataset(repository), file);
    }

    private HuggingFaceHub hub() {
        return new HuggingFaceHub(HubSettings.fromEnvironment(), (file, bytes, total) -> {
            if (bytes >= total) {
                progress.begin("download " + file, 1);
                progress.end(total / 1_000_000 + " MB");
            }
        });
    }
}
