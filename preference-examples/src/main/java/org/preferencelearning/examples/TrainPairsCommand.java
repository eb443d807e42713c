package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.data.RowRejectedException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.online.PairSelection;
import org.preferencelearning.experiments.online.PairSelector;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a policy on annotated responses; the loss is what two commands differ in. */
abstract class TrainPairsCommand implements Callable<Integer> {
    private static final TrainingSettings PUBLISHED = TrainingSettings.defaults()
            .withEpochs(2)
            .withBatchSize(64, 8)
            .withLearningRate(5e-7)
            .withSchedule(LearningRateSchedule.COSINE, 100);

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private TrainedPolicyOptions policies;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private TrainingOptions training;

    @Option(names = "--train-dir", required = true, paramLabel = "FILE", description = "File of annotated responses.")
    private Path in;

    @Option(names = "--beta", description = "Scale of the implicit reward (default: ${DEFAULT-VALUE}).")
    private double beta = 0.1;

    @Option(names = "--choose-type", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private PairSelection selection = PairSelection.MAX_MIN;

    @Option(names = "--length-penalty", description = "Reward per character subtracted, for max_min_p (default: 0).")
    private @Nullable Double lengthPenalty;

    @Option(names = "--seed", description = "Of the order of pairs (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    TrainPairsCommand(Output output) {
        this.output = output;
    }

    /** Name of the loss. */
    abstract String loss();

    @Override
    public Integer call() {
        TrainingSettings settings = training.over(PUBLISHED);
        PreferenceLoss loss = PreferenceLosses.named(loss(), beta);
        ParameterSelection trained = policies.trained();
        requirePenalty();
        policies.checkOut(in, training);
        ConsoleProgress progress = ConsoleProgress.standard();
        Models models = new Models(progress);
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        TrainedPolicyOptions.Found found = policies.find(models, tokenizer);
        List<AnnotatedPrompt> prompts = Instances.readAnnotated(in);
        RejectedRows[] unpaired = {RejectedRows.none()};
        PreferenceDataset dataset = pairs(prompts, unpaired);
        PairTokenizer.Result pairs = PairTokenizer.encode(
                dataset, tokenizer, Tokenization.onlineStudy().withMaxLength(found.longest()));
        Rows rows = Rows.all(prompts).without(unpaired[0]).without(pairs.rejected());
        Instances.requireAny(in, rows);
        TrainedPolicyOptions.tellCut(pairs.cut(), pairs.pairs().size(), found.longest(), output);
        settings = training.warmedUp(settings, pairs.pairs().size(), output);
        TrainingRecord record;
        Path saved;
        try (Gpt2Policy policy = found.start().policy(trained);
                Gpt2Policy frozen = found.reference().policy(ParameterSelection.none())) {
            PreferenceObjective objective = new PreferenceObjective(policy, ReferencePolicy.of(frozen), loss);
            record = TrainingRecord.of(
                    loss(),
                    training.logged() ? objective.withTokenMetrics() : objective,
                    pairs.pairs(),
                    settings,
                    RandomSource.of(seed),
                    training.metrics(),
                    training.tensorboard(),
                    progress,
                    output);
            saved = Outputs.save(policies.out(), policy::save, output);
        }
        output.result(
                "trained on " + pairs.pairs().size() + " pairs: " + saved + "\n" + rows,
                Map.of(
                        "rows",
                        rows,
                        "pairs",
                        pairs.pairs().size(),
                        "lossName",
                        loss(),
                        "beta",
                        beta,
                        "training",
                        record,
                        "out",
                        saved.toString()),
                options.json);
        return Preference.DONE;
    }

    private void requirePenalty() {
        if (lengthPenalty != null) {
            SettingException.require(
                    Double.isFinite(lengthPenalty), "--length-penalty", lengthPenalty, "a finite number");
            SettingException.require(
                    selection == PairSelection.MAX_MIN_P,
                    "--length-penalty",
                    lengthPenalty,
                    "nothing, unless --choose-type is max_min_p");
        }
    }

    private PreferenceDataset pairs(List<AnnotatedPrompt> prompts, RejectedRows[] unpaired) {
        List<PreferencePair> pairs = new ArrayList<>();
        for (AnnotatedPrompt prompt : prompts) {
            try {
                pairs.add(pair(prompt));
            } catch (RowRejectedException e) {
                unpaired[0] = unpaired[0].plus(e.reason());
            }
        }
        return new PreferenceDataset(in.toString(), pairs);
    }

    private PreferencePair pair(AnnotatedPrompt prompt) throws RowRejectedException {
        double[] rewards = prompt.rewards().toArray();
        if (rewards.length < 2) {
            throw new RowRejectedException("fewer than two responses");
        }
        PairSelector.Pair pair = selection.select(
                rewards,
                prompt.responses().stream().mapToInt(PythonText::length).toArray(),
                lengthPenalty == null ? 0 : lengthPenalty);
        double margin = rewards[pair.first()] - rewards[pair.second()];
        String first = prompt.responses().get(pair.first());
        String second = prompt.responses().get(pair.second());
        if (margin == 0) {
            throw new RowRejectedException("equal rewards");
        }
        if (first.isEmpty() || second.isEmpty()) {
            throw new RowRejectedException("empty response");
        }
        return PreferencePair.of(prompt.prompt(), margin > 0 ? first : second, margin > 0 ? second : first)
                .withMargin(Math.abs(margin));
    }
}
