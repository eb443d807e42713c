package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Packing;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Supervised fine-tuning on the chosen responses. */
@Command(name = "sft", description = "Fine-tune a GPT-2 on chosen responses, packed; as the public code's sft.py.")
final class SftCommand implements Callable<Integer> {
    private static final TrainingSettings PUBLISHED =
            TrainingSettings.defaults().withBatchSize(64, 8).withLearningRate(2e-5);
    private static final int USUAL_LENGTH = 256;
    private static final int LONGEST = 1 << 16;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private BaseOption base;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private PairFileOptions data;

    @Mixin
    private TrainingOptions training;

    @Mixin
    private ShapeOptions shape;

    @Option(names = "--model", description = "Folder or Hub name to start from (default: random weights of --size).")
    private @Nullable String model;

    @Option(
            names = "--max-length",
            description = "Tokens of a packed piece (default: 256, or what --model takes if that is less).")
    private @Nullable Integer maxLength;

    @Option(
            names = "--seed",
            description =
                    "Of the order of pieces and, without --model, of the random weights (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(names = "--out", required = true, description = "Folder for the model.")
    private Path out;

    SftCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        TrainingSettings settings = training.over(PUBLISHED);
        data.check();
        Outputs.checkFolder("--out", out, data.file(), model);
        training.check(out, data.file(), model);
        ConsoleProgress progress = ConsoleProgress.standard();
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        int length;
        Supplier<Gpt2Policy> start;
        if (model == null) {
            length = maxLength == null ? USUAL_LENGTH : maxLength;
            SettingException.require(length >= 2 && length <= LONGEST, "--max-length", length, "2 to " + LONGEST);
            Gpt2Config config = shape.config(length).withVocabulary(tokenizer.vocabulary(), tokenizer.endOfText());
            NamedModel.requireRoom("--out", out, config);
            start = () -> Gpt2Policy.random(config, RandomSource.of(seed));
        } else {
            shape.requireNoneBeside("--model");
            NamedModel named = NamedModel.find("--model", model, base, new Models(progress), tokenizer);
            length = named.longest("--max-length", maxLength, USUAL_LENGTH);
            NamedModel.requireRoom("--out", out, named.config());
            start = () -> named.policy(ParameterSelection.all());
        }
        base.requireUsed();
        PairFileOptions.Pairs read = data.read();
        List<TokenSequence> pieces = pieces(read, tokenizer, length);
        settings = training.warmedUp(settings, pieces.size(), output);
        TrainingRecord trained;
        Path saved;
        try (Gpt2Policy policy = start.get()) {
            LanguageModellingObjective objective = new LanguageModellingObjective(policy);
            trained = TrainingRecord.of(
                    "fine-tuning",
                    training.logged() ? objective.withTokenMetrics() : objective,
                    pieces,
                    settings,
                    RandomSource.of(seed),
                    training.metrics(),
                    training.tensorboard(),
                    progress,
                    output);
            saved = Outputs.save(out, policy::save, output);
        }
        output.result(
                "fine-tuned on " + pieces.size() + " pieces of " + length + " tokens: " + saved + "\n" + read.rows(),
                Map.of(
                        "rows", read.rows(),
                        "pieces", pieces.size(),
                        "pieceTokens", length,
                        "training", trained,
                        "out", saved.toString()),
                options.json);
        return Preference.DONE;
    }

    private static List<TokenSequence> pieces(PairFileOptions.Pairs read, Tokenizer tokenizer, int length) {
        List<int[]> texts = read.dataset().pairs().stream()
                .map(pair -> tokenizer.encode(pair.prompt() + pair.chosen()))
                .toList();
        long tokens = texts.stream().mapToLong(text -> text.length + 1L).sum();
        SettingException.require(
                length <= tokens,
                "--max-length",
                length,
                "at most " + tokens + ": so many tokens the " + texts.size()
                        + " texts have together, each with its end of text, and they make no piece of more");
        return Packing.pack(texts, tokenizer.endOfText(), length);
    }
}
