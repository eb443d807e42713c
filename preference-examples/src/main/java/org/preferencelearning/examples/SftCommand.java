package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.run.Models;
import org.preferencelearning.experiments.run.TrackedTrainer;
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

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private PairFileOptions data;

    @Mixin
    private TrainingOptions training;

    @Mixin
    private ShapeOptions shape;

    @Option(names = "--model", description = "Folder or Hub name to start from (default: random weights of --size).")
    private String model;

    @Option(names = "--max-length", description = "Tokens of a packed piece (default: ${DEFAULT-VALUE}).")
    private int maxLength = 256;

    @Option(names = "--out", required = true, description = "Folder for the model.")
    private Path out;

    SftCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        List<int[]> texts = data.read().pairs().stream()
                .map(pair -> tokenizer.encode(pair.prompt() + pair.chosen()))
                .toList();
        ConsoleProgress progress = ConsoleProgress.standard();
        try (Gpt2Policy policy = model == null
                ? Gpt2Policy.random(
                        shape.config(maxLength).withVocabulary(tokenizer.vocabulary(), tokenizer.endOfText()),
                        RandomSource.of(options.seed))
                : new Models(progress).policy(model, ParameterSelection.all())) {
            List<TokenSequence> pieces = Packing.pack(texts, tokenizer.endOfText(), maxLength);
            new TrackedTrainer(progress)
                    .train(
                            "fine-tuning",
                            new LanguageModellingObjective(policy),
                            pieces,
                            training.over(PUBLISHED),
                            RandomSource.of(options.seed));
            policy.save(out);
            output.text("fine-tuned on " + pieces.size() + " pieces of " + maxLength + " tokens: " + out);
            if (options.json) {
                output.json(Map.of("pieces", pieces.size(), "out", out.toString()));
            }
        }
        return Preference.DONE;
    }
}
