package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.run.ConsoleProgress;
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
    private static final int USUAL_LENGTH = 256;
    private static final double HELD_OUT_SHARE = 0.1;

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

    @Option(
            names = "--sft-model-name",
            required = true,
            description = "Folder or Hub name of the policy to start from.")
    private String model;

    @Option(
            names = "--max-length",
            description = "Pairs of more tokens are left out (default: 256, or what the model takes if that is less).")
    private @Nullable Integer maxLength;

    @Option(names = "--train", description = "only:head, only:last-mlp,head or all (default).")
    private String train = "all";

    @Option(names = "--dropout", description = "In training; the public code's is 0.1 (default: ${DEFAULT-VALUE}).")
    private double dropout;

    @Option(
            names = "--seed",
            description = "Of the order of pairs, the new head's weights and the dropout (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(names = "--output-dir", required = true, paramLabel = "DIR", description = "Folder for the model.")
    private Path out;

    TrainRmCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        TrainingSettings settings = training.over(PUBLISHED);
        ParameterSelection trained = ParameterSelection.parse(train);
        SettingException.require(dropout >= 0 && dropout < 1, "--dropout", dropout, "0 to below 1");
        data.check();
        Outputs.checkFolder("--output-dir", out, data.file(), model);
        training.check(out, data.file(), model);
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        ConsoleProgress progress = ConsoleProgress.standard();
        NamedModel start = NamedModel.find("--sft-model-name", model, base, new Models(progress), tokenizer);
        base.requireUsed();
        NamedModel.requireRoom("--output-dir", out, start.config());
        Tokenization tokenization = Tokenization.dataSizeRewardModel()
                .withMaxLength(start.longest("--max-length", maxLength, USUAL_LENGTH));
        PairFileOptions.Pairs read = data.read();
        PreferenceDataset.Split split = split(read);
        PairTokenizer.Result pairs = PairTokenizer.encode(split.train(), tokenizer, tokenization);
        PairTokenizer.Result heldOut = PairTokenizer.encode(split.test(), tokenizer, tokenization);
        Rows rows = read.rows().without(pairs.rejected()).without(heldOut.rejected());
        requireBoth(pairs, heldOut, rows);
        settings = training.warmedUp(settings, pairs.pairs().size(), output);
        TrainingRecord record;
        double accuracy;
        Path saved;
        try (Gpt2RewardModel rewardModel = rewardModel(start, trained)) {
            if (dropout != 0) {
                rewardModel.dropout(dropout, RandomSource.of(seed).stream("dropout"));
            }
            RewardObjective objective = new RewardObjective(rewardModel, RewardLosses.bradleyTerry());
            record = TrainingRecord.of(
                    "reward model",
                    objective,
                    pairs.pairs(),
                    settings,
                    RandomSource.of(seed),
                    training.metrics(),
                    training.tensorboard(),
                    progress,
                    output);
            saved = Outputs.save(out, rewardModel::save, output);
            accuracy = Trainer.evaluate(objective, heldOut.pairs(), EVALUATION_BATCH)
                    .value(MetricNames.ACCURACY);
        }
        output.result(
                "trained on " + pairs.pairs().size() + " pairs, accuracy " + accuracy + " on "
                        + heldOut.pairs().size() + " held-out pairs: " + saved + "\n" + rows,
                Map.of(
                        "rows",
                        rows,
                        "pairs",
                        pairs.pairs().size(),
                        "heldOut",
                        heldOut.pairs().size(),
                        "accuracy",
                        accuracy,
                        "training",
                        record,
                        "out",
                        saved.toString()),
                options.json);
        return Preference.DONE;
    }

    private PreferenceDataset.Split split(PairFileOptions.Pairs read) {
        if (read.dataset().size() < 2) {
            throw new DataFormatException(
                    data.file().toString(),
                    0,
                    "one usable pair; at least 2 are needed, as a tenth is held out; " + read.rows());
        }
        return read.dataset().trainTestSplit(HELD_OUT_SHARE, 0);
    }

    private void requireBoth(PairTokenizer.Result pairs, PairTokenizer.Result heldOut, Rows rows) {
        if (pairs.pairs().isEmpty() || heldOut.pairs().isEmpty()) {
            throw new DataFormatException(
                    data.file().toString(),
                    0,
                    "no pair that fits is left to " + (pairs.pairs().isEmpty() ? "train on" : "be held out") + "; "
                            + rows);
        }
    }

    private Gpt2RewardModel rewardModel(NamedModel start, ParameterSelection trained) {
        try (Gpt2Policy policy = start.policy(ParameterSelection.none())) {
            return Gpt2RewardModel.from(policy, RandomSource.of(seed).stream("score"), trained);
        }
    }
}
