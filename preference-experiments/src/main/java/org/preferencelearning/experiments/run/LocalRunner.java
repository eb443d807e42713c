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
    private final StudyData data;
    private final Map<MethodSpec, Encoded> encoded = new LinkedHashMap<>();

    private LocalRunner(DataSizeStudy study, Progress progress) {
        this.study = study;
        this.progress = progress;
        this.data = StudyData.of(study);
        for (MethodSpec method : study.methods()) {
            encoded.put(
                    method,
                    new Encoded(
                            encode(data.train(), method.tokenization()),
                            encode(data.validation(), method.tokenization())));
        }
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
                for (int size : study.sizes()) {
                    for (long seed : study.seeds()) {
                        cells.add(cell(method, size, seed, base, reference));
                    }
                }
            }
        }
        return new StudyResult(study, cells, data.rejected(), data.ceiling(), seconds(start));
    }

    /** The random model, fine-tuned on the chosen responses of the whole training part; the same for every cell. */
    private Gpt2Policy base() {
        Gpt2Config config = study.model()
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
        train("fine-tuning", new LanguageModellingObjective(policy), chosen, study.fineTuning());
        return policy;
    }

    private CellResult cell(MethodSpec method, int size, long seed, Gpt2Policy base, ReferencePolicy reference) {
        long start = System.nanoTime();
        Encoded pairs = encoded.get(method);
        PairTokenizer.Result train = encode(data.train().first(size), method.tokenization());
        TrainingSettings settings = method.training().withSeed(seed);
        String name = method.label() + ", " + size + " pairs, seed " + seed;
        if (method instanceof MethodSpec.RewardModelMethod) {
            try (Gpt2RewardModel model = Gpt2RewardModel.from(base, RandomSource.of(seed).stream("score"))) {
                RewardObjective objective = new RewardObjective(model, RewardLosses.bradleyTerry());
                return result(method, size, seed, name, objective, train, pairs, settings, MetricNames.ACCURACY, start);
            }
        }
        MethodSpec.DirectMethod direct = (MethodSpec.DirectMethod) method;
        try (Gpt2Policy policy = base.copy(parameter -> true)) {
            PreferenceObjective objective =
                    new PreferenceObjective(policy, reference, PreferenceLosses.named(direct.loss(), direct.beta()));
            return result(
                    method, size, seed, name, objective, train, pairs, settings, MetricNames.REWARDS_ACCURACIES, start);
        }
    }

    private CellResult result(
            MethodSpec method,
            int size,
            long seed,
            String name,
            TrainingObjective<TokenPair> objective,
            PairTokenizer.Result train,
            Encoded pairs,
            TrainingSettings settings,
            String accuracy,
            long start) {
        train(name, objective, train.pairs(), settings);
        Metrics validation = Trainer.evaluate(objective, pairs.validation().pairs(), EVALUATION_BATCH);
        Map<Measure, Double> measured = new LinkedHashMap<>();
        for (Measure measure : study.measures()) {
            measured.put(
                    measure, validation.value(measure == Measure.VALIDATION_ACCURACY ? accuracy : MetricNames.LOSS));
        }
        return new CellResult(
                method.label(),
                size,
                seed,
                measured,
                train.pairs().size(),
                train.rejected(),
                pairs.validation().pairs().size(),
                pairs.validation().rejected(),
                seconds(start));
    }

    private <E> void train(String name, TrainingObjective<E> objective, List<E> examples, TrainingSettings settings) {
        SettingException.require(
                !examples.isEmpty(),
                "dataset",
                "no pair that fits",
                "at least one pair of at most " + "the tokenization's maxLength tokens");
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

    private record Encoded(PairTokenizer.Result train, PairTokenizer.Result validation) {}
}
