package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.data.TokenResponse;
import org.preferencelearning.core.data.UnpairedReader;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.UnpairedLoss;
import org.preferencelearning.core.loss.UnpairedLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.core.train.UnpairedObjective;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a policy on responses that are wanted or not. */
@Command(
        name = "train-kto",
        description =
                "Train a policy on responses that are wanted or not (KTO, BCO); rows of prompt, completion, label.")
final class TrainKtoCommand implements Callable<Integer> {
    private static final TrainingSettings USUAL = TrainingSettings.defaults()
            .withBatchSize(8, 8)
            .withLearningRate(1e-6)
            .withSchedule(LearningRateSchedule.COSINE, 0);

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private TrainedPolicyOptions policies;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private TrainingOptions training;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Responses: " + FormatOptions.SOURCE + ".")
    private Path in;

    @Option(
            names = "--loss-type",
            description =
                    "kto, apo_zero_unpaired, both also with weights as kto_1.33_1, or bco (default: ${DEFAULT-VALUE}).")
    private String lossType = "kto";

    @Option(names = "--beta", description = "Scale of the implicit reward (default: ${DEFAULT-VALUE}).")
    private double beta = 0.1;

    @Option(names = "--seed", description = "Of the order of responses (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    TrainKtoCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        TrainingSettings settings = training.over(USUAL);
        UnpairedLoss loss = UnpairedLosses.named(lossType, beta);
        ParameterSelection trained = policies.trained();
        SettingException.require(
                settings.microBatchSize() == settings.batchSize()
                        || !loss.needsMismatched() && !loss.needsMeanLogRatio(),
                "--per-device-train-batch-size",
                settings.microBatchSize(),
                settings.batchSize() + ", as --batch-size: '" + loss.name() + "' estimates over a batch");
        policies.checkOut(in, training);
        ConsoleProgress progress = ConsoleProgress.standard();
        Models models = new Models(progress);
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        TrainedPolicyOptions.Found found = policies.find(models, tokenizer);
        UnpairedReader.Result read = UnpairedReader.read(in);
        PairTokenizer.Unpaired encoded = PairTokenizer.encode(
                read.responses(), tokenizer, Tokenization.onlineStudy().withMaxLength(found.longest()));
        Rows rows = Rows.read(read).without(encoded.rejected());
        Instances.requireAny(in, rows);
        TrainedPolicyOptions.tellCut(encoded.cut(), encoded.responses().size(), found.longest(), output);
        List<TokenResponse> responses = loss.needsMismatched()
                ? TokenResponse.mismatching(encoded.responses(), found.longest())
                : encoded.responses();
        settings = training.warmedUp(settings, responses.size(), output);
        TrainingRecord record;
        Path saved;
        try (Gpt2Policy policy = found.start().policy(trained);
                Gpt2Policy frozen = found.reference().policy(ParameterSelection.none())) {
            UnpairedObjective objective = new UnpairedObjective(policy, ReferencePolicy.of(frozen), loss);
            record = TrainingRecord.of(
                    lossType,
                    training.logged() ? objective.withTokenMetrics() : objective,
                    responses,
                    settings,
                    RandomSource.of(seed),
                    training.metrics(),
                    training.tensorboard(),
                    progress,
                    output);
            saved = Outputs.save(policies.out(), policy::save, output);
        }
        output.result(
                "trained on " + responses.size() + " responses: " + saved + "\n" + rows,
                Map.of(
                        "rows",
                        rows,
                        "responses",
                        responses.size(),
                        "desirable",
                        responses.stream().filter(TokenResponse::desirable).count(),
                        "lossName",
                        loss.name(),
                        "beta",
                        beta,
                        "training",
                        record,
                        "out",
                        saved.toString()),
                options.json);
        return Preference.DONE;
    }
}
