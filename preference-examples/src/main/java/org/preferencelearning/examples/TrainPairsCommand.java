package org.preferencelearning.examples;

import com.google.common.primitives.ImmutableDoubleArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.online.PairSelection;
import org.preferencelearning.experiments.run.Models;
import org.preferencelearning.experiments.run.TrackedTrainer;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
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
    private TrainingOptions training;

    @Option(names = "--model-name-or-path", required = true, description = "Folder or Hub name to start from.")
    private String model;

    @Option(names = "--ref-model", required = true, description = "Folder or Hub name of the reference policy.")
    private String reference;

    @Option(names = "--train-dir", required = true, paramLabel = "FILE", description = "File of annotated responses.")
    private Path in;

    @Option(names = "--beta", description = "Scale of the implicit reward (default: ${DEFAULT-VALUE}).")
    private double beta = 0.1;

    @Option(names = "--choose-type", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private PairSelection selection = PairSelection.MAX_MIN;

    @Option(names = "--length-penalty", description = "Reward per character subtracted, for max_min_p.")
    private double lengthPenalty;

    @Option(names = "--max-length", description = "Tokens of prompt and response (default: ${DEFAULT-VALUE}).")
    private int maxLength = 256;

    @Option(names = "--train", description = "Parameters to train, e.g. frozen:embeddings,blocks(0..15) (default: all)")
    private String train = "all";

    @Option(names = "--output-dir", required = true, paramLabel = "DIR", description = "Folder for the policy.")
    private Path out;

    TrainPairsCommand(Output output) {
        this.output = output;
    }

    /** Name of the loss. */
    abstract String loss();

    @Override
    public Integer call() {
        PreferenceDataset pairs = pairs(InstancesFile.read(in));
        PairTokenizer.Result encoded = PairTokenizer.encode(
                pairs, Gpt2Tokenizer.create(), Tokenization.onlineStudy().withMaxLength(maxLength));
        ConsoleProgress progress = ConsoleProgress.standard();
        Models models = new Models(progress);
        try (Gpt2Policy policy = models.policy(model, ParameterSelection.parse(train));
                Gpt2Policy frozen = models.policy(reference, ParameterSelection.none())) {
            new TrackedTrainer(progress)
                    .train(
                            loss(),
                            new PreferenceObjective(
                                    policy, ReferencePolicy.of(frozen), PreferenceLosses.named(loss(), beta)),
                            encoded.pairs(),
                            training.over(PUBLISHED, options.seed));
            policy.save(out);
        }
        output.text("trained on " + encoded.pairs().size() + " pairs (left out: " + encoded.rejected() + "): " + out);
        if (options.json) {
            output.json(Map.of("pairs", encoded.pairs().size(), "loss", loss()));
        }
        return Preference.DONE;
    }

    private PreferenceDataset pairs(List<AnnotatedPrompt> prompts) {
        List<PreferencePair> pairs = new ArrayList<>();
        for (AnnotatedPrompt prompt : prompts) {
            ImmutableDoubleArray rewards = prompt.rewards();
            SettingException.require(
                    !rewards.isEmpty(), "--train-dir", in + " without rewards", "a file that 'annotate' wrote");
            PairSelection.Pair pair = selection.select(
                    rewards.toArray(),
                    prompt.responses().stream().mapToInt(PythonText::length).toArray(),
                    lengthPenalty);
            double margin = rewards.get(pair.first()) - rewards.get(pair.second());
            String first = prompt.responses().get(pair.first());
            String second = prompt.responses().get(pair.second());
            if (margin != 0 && !first.isEmpty() && !second.isEmpty()) {
                pairs.add(PreferencePair.of(prompt.prompt(), margin > 0 ? first : second, margin > 0 ? second : first)
                        .withMargin(Math.abs(margin)));
            }
        }
        return new PreferenceDataset(in.toString(), pairs);
    }
}
