package org.preferencelearning.experiments.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.BestModel;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.Metrics;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.result.CellEvaluation;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.DataSizeStudy;
import org.preferencelearning.experiments.study.Measure;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * Runs a study on this machine, one cell after the other. A cell depends on the study and its own method, size and seed
 * alone, so their order does not matter.
 */
public final class LocalRunner {
    private static final int EVALUATION_BATCH = 64;

    private final DataSizeStudy study;
    private final TrackedTrainer trainer;
    private final Models models;
    private final StudyData data;

    private LocalRunner(DataSizeStudy study, Progress progress) {
        this.study = study;
        this.trainer = new TrackedTrainer(progress);
        this.models = new Models(progress);
        this.data = StudyData.of(study, models);
    }

    /**
     * Runs every cell of {@code study}.
     *
     * @throws SettingException if a size is larger than the training part, no pair fits, or a training would have no
     *     update after its warm-up
     */
    public static StudyResult run(DataSizeStudy study, Progress progress) {
        return new LocalRunner(study, progress).run();
    }

    private StudyResult run() {
        long start = System.nanoTime();
        for (MethodSpec method : study.methods()) {
            study.sizes().forEach(size -> study.trainingOf(method, size).requireMoves(size));
        }
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
        int longest = study.methods().stream()
                .mapToInt(method -> method.tokenization().maxLength())
                .max()
                .orElseThrow();
        return FineTuning.policy(
                study.model(), data.train(), data.tokenizer(), longest, study.splitSeed(), models, trainer);
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
            if (rewarding.dropout() > 0) {
                model.dropout(rewarding.dropout(), RandomSource.of(cell.seed).stream("dropout"));
            }
            return result(cell, new RewardObjective(model, RewardLosses.bradleyTerry()), MetricNames.ACCURACY);
        }
    }

    private CellResult result(Cell cell, TrainingObjective<TokenPair> objective, String accuracy) {
        long start = System.nanoTime();
        TrainingSettings settings = study.trainingOf(cell.method, cell.size);
        List<CellEvaluation> evaluations = new ArrayList<>();
        Metrics counting;
        try (BestModel best = new BestModel(objective.model().parameters())) {
            Metrics[] last = new Metrics[1];
            trainer.train(
                    cell.method.label() + ", " + cell.size + " pairs, seed " + cell.seed,
                    objective,
                    cell.train.pairs(),
                    settings,
                    RandomSource.of(cell.seed),
                    report -> {
                        if (study.evaluation().isDue(report.step(), report.totalSteps())) {
                            Metrics metrics = Trainer.evaluate(objective, cell.validation.pairs(), EVALUATION_BATCH);
                            evaluations.add(new CellEvaluation(
                                    report.step(), metrics.value(MetricNames.LOSS), metrics.value(accuracy)));
                            if (!study.evaluation().keepBest() || best.offer(metrics.value(MetricNames.LOSS))) {
                                last[0] = metrics;
                            }
                        }
                    });
            if (study.evaluation().keepBest()) {
                best.restore();
            }
            counting = last[0];
        }
        Map<Measure, Double> measured = new LinkedHashMap<>();
        for (Measure measure : study.measures()) {
            measured.put(measure, counting.value(measure == Measure.VALIDATION_ACCURACY ? accuracy : MetricNames.LOSS));
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
                evaluations,
                seconds(start));
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
