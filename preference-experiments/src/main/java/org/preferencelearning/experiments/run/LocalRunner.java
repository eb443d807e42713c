package org.preferencelearning.experiments.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.Metrics;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.Measure;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * Runs a study on this machine, one cell after the other. A cell depends on the study and its own method, size and seed
 * alone, so their order does not matter.
 */
public final class LocalRunner {
    private static final String BASE = "base";
    private static final int EVALUATION_BATCH = 64;

    private final DataSizeStudy study;
    private final Progress progress;
    private final Models models;
    private final StudyData data;

    private LocalRunner(DataSizeStudy study, Progress progress) {
        this.study = study;
        this.progress = progress;
        this.models = new Models(progress);
        this.data = StudyData.of(study, models);
    }

    /**
     * Runs every cell of {@code study}.
     *
     * @throws SettingException if a size is larger than the training part, or no pair fits
     */
    public static StudyResult run(DataSizeStudy study, Progress progress) {
        return new LocalRunner(study, progress).run();
    }

    private StudyResult run() {
        long start = System.nanoTime();
        List<CellResult> cells = new ArrayList<>();
        try (Gpt2Policy base = base()) {
            ReferencePolicy reference = ReferencePolicy.of(base);
            for (MethodSpec method : study.methods()) {
                PairTokenizer.Result validation = encode(data.validation(), method.tokenization());
                for (int size : study.sizes()) {
                    PairTokenizer.Result train = encode(data.train().first(size), method.tokenization());
                    for (long seed : study.seeds()) {
                        cells.add(cell(new Cell(method, size, seed, train, validation), base, reference));
                    }
                }
            }
        }
        return new StudyResult(study, cells, data.rejected(), data.ceiling(), seconds(start));
    }

    /** What every cell starts from. */
    private Gpt2Policy base() {
        return study.model() instanceof ModelSpec.Pretrained pretrained
                ? models.policy(pretrained, data.tokenizer())
                : fineTuned((ModelSpec.Fresh) study.model());
    }

    /** The random model, fine-tuned on the chosen responses of the whole training part. */
    private Gpt2Policy fineTuned(ModelSpec.Fresh model) {
        Gpt2Config config = model.config()
                .withVocabulary(data.tokenizer().vocabulary(), data.tokenizer().endOfText());
        int longest = study.methods().stream()
                .mapToInt(method -> method.tokenization().maxLength())
                .max()
                .orElseThrow();
        config = config.withPositions(Math.min(config.positions(), longest));
        Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(study.splitSeed()).stream(BASE));
        List<TokenSequence> chosen = PairTokenizer.encode(
                        data.train(),
                        data.tokenizer(),
                        Tokenization.onlineStudy().withMaxLength(config.positions()))
                .pairs()
                .stream()
                .map(TokenPair::chosen)
                .toList();
        train("fine-tuning", new LanguageModellingObjective(policy), chosen, model.fineTuning());
        return policy;
    }

    private CellResult cell(Cell cell, Gpt2Policy base, ReferencePolicy reference) {
        if (cell.method instanceof MethodSpec.DirectMethod direct) {
            try (Gpt2Policy policy = base.copy(study.model().trained())) {
                return result(
                        cell,
                        new PreferenceObjective(
                                policy, reference, PreferenceLosses.named(direct.loss(), direct.beta())),
                        MetricNames.REWARDS_ACCURACIES);
            }
        }
        MethodSpec.RewardModelMethod rewarding = (MethodSpec.RewardModelMethod) cell.method;
        try (Gpt2RewardModel model =
                Gpt2RewardModel.from(base, RandomSource.of(cell.seed).stream("score"), rewarding.trained())) {
            return result(cell, new RewardObjective(model, RewardLosses.bradleyTerry()), MetricNames.ACCURACY);
        }
    }

    private CellResult result(Cell cell, TrainingObjective<TokenPair> objective, String accuracy) {
        long start = System.nanoTime();
        train(
                cell.method.label() + ", " + cell.size + " pairs, seed " + cell.seed,
                objective,
                cell.train.pairs(),
                cell.method.training().withSeed(cell.seed));
        Metrics validation = Trainer.evaluate(objective, cell.validation.pairs(), EVALUATION_BATCH);
        Map<Measure, Double> measured = new LinkedHashMap<>();
        for (Measure measure : study.measures()) {
            measured.put(
                    measure, validation.value(measure == Measure.VALIDATION_ACCURACY ? accuracy : MetricNames.LOSS));
        }
        return new CellResult(
                cell.method.label(),
                cell.size,
                cell.seed,
                measured,
                cell.train.pairs().size(),
                cell.train.rejected(),
                cell.validation.pairs().size(),
                cell.validation.rejected(),
                seconds(start));
    }

    private <E> void train(String name, TrainingObjective<E> objective, List<E> examples, TrainingSettings settings) {
        SettingException.require(
                !examples.isEmpty(),
                "dataset",
                "no pair that fits",
                "at least one pair of at most the tokenization's maxLength tokens");
        progress.begin(name, settings.totalSteps(examples.size()));
        StepReport last =
                Trainer.train(objective, examples, settings, report -> progress.step(report.step(), loss(report)));
        progress.end(loss(last));
    }

    private static String loss(StepReport report) {
        return String.format(Locale.ROOT, "loss %.4f", report.metrics().get(MetricNames.LOSS));
    }

    private PairTokenizer.Result encode(PreferenceDataset dataset, Tokenization tokenization) {
        return PairTokenizer.encode(dataset, data.tokenizer(), tokenization);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** What one model of the study is trained and measured on. */
    private record Cell(
            MethodSpec method, int size, long seed, PairTokenizer.Result train, PairTokenizer.Result validation) {}
}
