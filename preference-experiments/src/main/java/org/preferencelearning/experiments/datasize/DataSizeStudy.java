package org.preferencelearning.experiments.datasize;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.internal.tasks.DescribeData;
import org.preferencelearning.experiments.internal.tasks.FineTune;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.internal.tasks.ScoreReference;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.experiments.task.Described;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Gpt2Plan;

/**
 * A data-size study, as in the verification of Section 4: methods start from one fine-tuned model, learn from the first n
 * pairs, and are compared on held-out pairs. An inert value; each of its methods returns a changed copy.
 *
 * @param name what it is called
 * @param model what every cell starts from
 * @param dataset where pairs come from
 * @param sizes numbers of training pairs; the first rows of the shuffled training part, the same for every seed
 * @param seeds of the order of pairs and of new parameters
 * @param methods what is compared
 * @param measures what is measured
 * @param validationShare share of the pairs that is held out, above 0 and below 1
 * @param baseSeed of what all cells share: the split (as NumPy's), random weights and their fine-tuning
 * @param evaluation when cells are evaluated, and which of their models counts
 * @param overrides other budgets of some cells
 * @param claims what it expects
 */
@RecordBuilder
@RecordBuilder.Options(
        enableWither = false,
        builderClassModifiers = {})
public record DataSizeStudy(
        String name,
        ModelSpec model,
        DatasetSpec dataset,
        List<Integer> sizes,
        List<Long> seeds,
        List<MethodSpec> methods,
        List<Measure> measures,
        double validationShare,
        long baseSeed,
        EvaluationSpec evaluation,
        List<CellOverride> overrides,
        List<Claim> claims)
        implements Study {

    private static final int SMALLEST = 8;
    private static final double PUBLISHED_DROPOUT = 0.1;

    public DataSizeStudy {
        requireNonNull(name, "name");
        requireNonNull(model, "model");
        requireNonNull(dataset, "dataset");
        sizes = ImmutableList.copyOf(sizes);
        seeds = ImmutableList.copyOf(seeds);
        methods = ImmutableList.copyOf(MethodSpec.toldApart(methods));
        measures = ImmutableList.copyOf(measures);
        overrides = ImmutableList.copyOf(overrides);
        requireNonNull(evaluation, "evaluation");
        SettingException.requireDistinct("sizes", sizes);
        sizes.forEach(size -> SettingException.requireAtLeast("sizes", size, 1));
        SettingException.requireDistinct("seeds", seeds);
        SettingException.requireDistinct(
                "compare", methods.stream().map(MethodSpec::label).toList());
        measures.forEach(measure -> Described.require("measure", measure, Measure.class));
        SettingException.requireDistinct("measure", metrics(measures));
        SettingException.require(
                validationShare > 0 && validationShare < 1, "validationShare", validationShare, "above 0 and below 1");
        claims = ImmutableList.copyOf(claims);
        Claim.requireAnswerable(claims, metrics(measures), coordinates(methods, sizes, seeds));
    }

    @Override
    public List<String> metrics() {
        return metrics(measures);
    }

    private static List<String> metrics(List<Measure> measures) {
        return measures.stream().map(Measure::label).toList();
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return coordinates(methods, sizes, seeds);
    }

    private static Map<String, List<String>> coordinates(
            List<MethodSpec> methods, List<Integer> sizes, List<Long> seeds) {
        return ImmutableMap.of(
                CellId.METHOD, methods.stream().map(MethodSpec::label).toList(),
                CellId.SIZE, sizes.stream().map(String::valueOf).toList(),
                CellId.SEED, seeds.stream().map(String::valueOf).toList());
    }

    @Override
    public List<Cell> cells(Contents contents) {
        LoadPairs pairs = LoadPairs.of(dataset, contents, validationShare, baseSeed);
        FineTune base = FineTune.of(model, contents, pairs, baseSeed);
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell(CellId.of(CellId.ABOUT, "data"), new DescribeData(pairs)));
        for (int size : sizes) {
            for (MethodSpec method : methods) {
                List<ScoreReference> reference = method instanceof MethodSpec.DirectMethod direct
                                && direct.loss().needsReference()
                                && direct.loss().tailWeight() == 1
                        ? List.of(
                                new ScoreReference(
                                        base, pairs, ScoreReference.Part.TRAINING, size, method.tokenization()),
                                new ScoreReference(
                                        base,
                                        pairs,
                                        ScoreReference.Part.HELD_OUT,
                                        ScoreReference.ALL,
                                        method.tokenization()))
                        : List.of();
                for (long seed : seeds) {
                    cells.add(new Cell(
                            CellId.method(method.label()).and(CellId.SIZE, size).and(CellId.SEED, seed),
                            new TrainOnPairs(
                                    base,
                                    pairs,
                                    reference,
                                    method.training(settings -> trainingOf(method, size)),
                                    model.trained(),
                                    size,
                                    evaluation,
                                    measures,
                                    seed)));
                }
            }
        }
        return cells;
    }

    /**
     * The same study with the chosen response judged by {@code criterion}.
     *
     * @throws SettingException if the data set holds one judgement only
     */
    public DataSizeStudy objective(Criterion criterion) {
        return changed(builder -> builder.dataset(dataset.objective(criterion)));
    }

    /** The same study with these numbers of training pairs. */
    public DataSizeStudy sizes(int... sizes) {
        return changed(builder -> builder.sizes(Ints.asList(sizes)));
    }

    /** The same study with these seeds. */
    public DataSizeStudy seeds(long... seeds) {
        return changed(builder -> builder.seeds(Longs.asList(seeds)));
    }

    /** The same study of these methods. */
    public DataSizeStudy compare(MethodSpec... methods) {
        return changed(builder -> builder.methods(List.of(methods)));
    }

    /** The same study with every method trained otherwise. */
    public DataSizeStudy training(UnaryOperator<TrainingSettings> change) {
        return changed(builder -> builder.methods(
                methods.stream().map(method -> method.training(change)).toList()));
    }

    /** The same study with sequences of at most {@code tokens} tokens, prompt and response, for every method. */
    public DataSizeStudy maxLength(int tokens) {
        return changed(builder -> builder.methods(
                methods.stream().map(method -> method.maxLength(tokens)).toList()));
    }

    /** The same study measuring this. */
    public DataSizeStudy measure(Measure... measures) {
        return changed(builder -> builder.measures(List.of(measures)));
    }

    /** The same study with its model fine-tuned otherwise, on the training part's chosen responses, before the methods start. */
    public DataSizeStudy fineTuning(UnaryOperator<TrainingSettings> change) {
        return changed(builder -> builder.model(model.fineTuning(change)));
    }

    /** The same study holding out another share of the pairs. */
    public DataSizeStudy validationShare(double share) {
        return changed(builder -> builder.validationShare(share));
    }

    /** The same study evaluated at other times. */
    public DataSizeStudy evaluation(EvaluationSpec evaluation) {
        return changed(builder -> builder.evaluation(evaluation));
    }

    /** The same study with other budgets for some cells. */
    public DataSizeStudy override(CellOverride... overrides) {
        return changed(builder -> builder.overrides(List.of(overrides)));
    }

    /**
     * The same study as the public code runs it: evaluated every quarter, the best evaluation counting; a warm-up of 0.1
     * <em>steps</em>, which makes the first update one of rate 0 ({@code dpo.py} passes a share where steps are asked for);
     * 6 epochs for one kind of cell; and dropout of 0.1 in reward models ({@code rm_trainer.py} leaves GPT-2's own on).
     */
    public DataSizeStudy asPublished() {
        return evaluation(EvaluationSpec.published())
                .override(CellOverride.published())
                .training(settings -> settings.withSchedule(settings.schedule(), 0.1))
                .rewardModelDropout(PUBLISHED_DROPOUT);
    }

    /** The same study as the text describes it: equal budgets, the last model counts, no step of rate 0, no dropout. */
    public DataSizeStudy asDescribed() {
        return evaluation(EvaluationSpec.atEnd())
                .override()
                .training(settings -> settings.withSchedule(settings.schedule(), 0))
                .rewardModelDropout(0);
    }

    /**
     * The same study with this dropout while reward models are trained.
     *
     * @param probability that a value is dropped, 0 to below 1
     */
    public DataSizeStudy rewardModelDropout(double probability) {
        return changed(builder -> builder.methods(methods.stream()
                .map(method -> method instanceof MethodSpec.RewardModelMethod rewardModel
                        ? rewardModel.dropout(probability)
                        : method)
                .toList()));
    }

    /** How a method is trained in cells of a size. */
    public TrainingSettings trainingOf(MethodSpec method, int size) {
        return overrides.stream()
                .filter(override -> override.method().equals(method.label())
                        && override.size() == size
                        && dataset.isJudgedBy(override.objective()))
                .findFirst()
                .map(override -> method.training().withEpochs(override.epochs()))
                .orElse(method.training());
    }

    private DataSizeStudy changed(UnaryOperator<DataSizeStudyBuilder> change) {
        return change.apply(DataSizeStudyBuilder.builder(this)).build();
    }

    /** The same study of another model, on other data. */
    public DataSizeStudy on(ModelSpec model, DatasetSpec dataset) {
        return changed(builder -> builder.model(model).dataset(dataset));
    }

    /**
     * The same study with a share of the pairs, at least eight.
     *
     * @param share above 0 and at most 1
     */
    public DataSizeStudy scale(double share) {
        SettingException.require(share > 0 && share <= 1, "scale", share, "above 0 and at most 1");
        return sizes(sizes.stream()
                .mapToInt(size -> (int) Math.max(SMALLEST, Math.round(size * share)))
                .distinct()
                .toArray());
    }

    /**
     * What the study costs at most.
     *
     * @param config shape of its model
     */
    public StudyPlan plan(Gpt2Config config) {
        double trained = 0;
        double scored = 0;
        long peak = 0;
        long rounded = 0;
        for (MethodSpec method : methods) {
            int longest = method.tokenization().maxLength();
            for (int size : sizes) {
                double tokens = 2.0 * size * longest * seeds.size();
                trained += tokens * trainingOf(method, size).epochs();
                scored += tokens * (1 + validationShare);
            }
            Gpt2Plan plan = Gpt2Plan.training(
                    config, model.trained(), 2 * method.training().microBatchSize(), longest, true);
            peak = Math.max(peak, plan.peakBytes());
            rounded = Math.max(rounded, plan.peakBytes(MatrixPrecision.BFLOAT16));
        }
        return StudyPlan.of(
                methods.size() * sizes.size() * seeds.size(), 0, trained, scored, config.parameters(), peak, rounded);
    }

    /** The same study that also expects this. */
    public DataSizeStudy expect(Claim... more) {
        return changed(builder -> builder.claims(
                ImmutableList.<Claim>builder().addAll(claims).add(more).build()));
    }

    /** That one method's models rank more of the held-out pairs right than another's, at every size. */
    public static Claim moreAccurate(String better, String worse, String source) {
        return Claim.larger(new Measure.Accuracy().label(), CellId.method(better), CellId.method(worse), source);
    }

    /** The same study without expectations. */
    public DataSizeStudy withoutClaims() {
        return changed(builder -> builder.claims(List.of()));
    }
}
