package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.Metrics;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.run.Models;
import org.preferencelearning.experiments.run.TrackedTrainer;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a reward model on preference pairs. */
@Command(name = "train-rm", description = "Train a Bradley-Terry reward model on pairs; as rm.py.")
final class TrainRmCommand implements Callable<Integer> {
    private static final int EVALUATION_BATCH = 64;
    private static final TrainingSettings PUBLISHED = TrainingSettings.defaults()
            .withEpochs(3)
            .withBatchSize(8, 8)
            .withLearningRate(1e-4)
            .withWeightDecay(0.05);

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private PairFileOptions data;

    @Mixin
    private TrainingOptions training;

    @Option(
            names = "--sft-model-name",
            required = true,
            description = "Folder or Hub name of the policy to start from.")
    private String model;

    @Option(names = "--max-length", description = "Longer pairs are left out (default: ${DEFAULT-VALUE}).")
    private int maxLength = 256;

    @Option(names = "--train", description = "only:head, only:last-mlp,head or all (default).")
    private String train = "all";

    @Option(names = "--dropout", description = "In training; the public code's is 0.1 (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(names = "--output-dir", required = true, paramLabel = "DIR", description = "Folder for the model.")
    private Path out;

    TrainRmCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        PreferenceDataset.Split split = data.read().trainTestSplit(0.1, 0);
        Tokenization tokenization = Tokenization.dataSizeRewardModel().withMaxLength(maxLength);
        PairTokenizer.Result pairs = PairTokenizer.encode(split.train(), tokenizer, tokenization);
        PairTokenizer.Result heldOut = PairTokenizer.encode(split.test(), tokenizer, tokenization);
        ConsoleProgress progress = ConsoleProgress.standard();
        Map<String, Object> json = new LinkedHashMap<>();
        try (Gpt2RewardModel rewardModel = start(progress)) {
            if (dropout != 0) {
                rewardModel.dropout(dropout, RandomSource.of(options.seed).stream("dropout"));
            }
            RewardObjective objective = new RewardObjective(rewardModel, RewardLosses.bradleyTerry());
            new TrackedTrainer(progress)
                    .train(
                            "reward model",
                            objective,
                            pairs.pairs(),
                            training.over(PUBLISHED),
                            RandomSource.of(options.seed));
            rewardModel.save(out);
            Metrics metrics = Trainer.evaluate(objective, heldOut.pairs(), EVALUATION_BATCH);
            json.put("pairs", pairs.pairs().size());
            json.put("heldOut", heldOut.pairs().size());
            json.put("accuracy", metrics.value(MetricNames.ACCURACY));
        }
        output.text("trained on " + json.get("pairs") + " pairs, accuracy " + json.get("accuracy") + " on "
                + json.get("heldOut") + " held-out pairs: " + out);
        if (options.json) {
            output.json(json);
        }
        return Preference.DONE;
    }

    private Gpt2RewardModel start(ConsoleProgress progress) {
        try (Gpt2Policy policy = new Models(progress).policy(model, ParameterSelection.none())) {
            return Gpt2RewardModel.from(
                    policy, RandomSource.of(options.seed).stream("score"), ParameterSelection.parse(train));
        }
    }
}
