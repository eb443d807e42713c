package org.preferencelearning.experiments.online;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.internal.tasks.DescribeData;
import org.preferencelearning.experiments.internal.tasks.FineTune;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.internal.tasks.TrainReward;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.world.WorldReward;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/** An online study's cells as tasks; what cells have in common is one task. */
final class OnlineCells {
    /** Of policies against the world's own text, which the fine-tuned policy imitates and is not. */
    private static final String OPTIMUM = "optimum against the world's text";

    private static final double VALIDATION_SHARE = 0.1;
    /** Groups of words in the small class of policies, as a share of the words. */
    private static final double SMALL_CLASS_SHARE = 0.1;

    private final OnlineStudy study;
    private final int longest;
    private final Contents contents;
    private final LoadPairs pairs;
    private final FineTune base;
    private final LoadPrompts prompts;
    private final Prompts forTraining;
    private final Prompts forEvaluation;
    private final PrepareReward oracle;
    private final SampleRewards baseline;

    OnlineCells(OnlineStudy study, int longest, Contents contents) {
        this.study = study;
        this.longest = longest;
        this.contents = contents;
        pairs = LoadPairs.of(study.data(), contents, VALIDATION_SHARE, study.baseSeed());
        base = FineTune.of(study.model(), contents, pairs, study.baseSeed());
        int all = study.trainPrompts() + study.evaluationPrompts();
        prompts = new LoadPrompts(
                study.promptSource(),
                contents.of(study.promptSource()),
                pairs,
                all,
                study.maxPromptCharacters(),
                longest - study.sampling().maxNewTokens());
        forTraining = new Prompts(0, study.trainPrompts());
        forEvaluation = new Prompts(study.trainPrompts(), all);
        requireHasData("oracle", study.oracle(), "another");
        oracle = reward(study.oracle(), "oracle");
        baseline = measured(base);
    }

    List<Cell> all() {
        List<Cell> cells = new ArrayList<>();
        cells.add(about("data", new DescribeData(pairs)));
        cells.add(about(
                "fine-tuned policy",
                evaluation(base, study.methods().get(0).loss().beta(), 0)));
        boolean misspecified = study.conditions().stream().anyMatch(Condition::misspecifiedReward)
                && study.methods().stream().anyMatch(OnlineMethod::learnsFromRewardModel);
        Optional<PrepareReward> weak = misspecified ? Optional.of(misspecifiedReward()) : Optional.empty();
        weak.ifPresent(reward -> cells.add(about(
                "mis-specified reward",
                new RateReward(reward, pairs, Tokenization.onlineStudy().withMaxLength(longest)))));
        addOptima(cells);
        for (Condition condition : study.conditions()) {
            for (OnlineMethod method : study.methods()) {
                boolean weakly = condition.misspecifiedReward() && method.learnsFromRewardModel();
                PrepareReward annotator = weakly ? weak.orElseThrow() : oracle;
                for (long seed : study.seeds()) {
                    cells.add(new Cell(
                            CellId.of(CellId.CONDITION, condition.label())
                                    .and(CellId.METHOD, method.label())
                                    .and(CellId.SEED, seed),
                            cell(condition, method, annotator, seed)));
                }
            }
        }
        return cells;
    }

    private static Cell about(String what, Task<Measurements> task) {
        return new Cell(CellId.of(CellId.ABOUT, what), task);
    }

    private OnlineCell cell(Condition condition, OnlineMethod method, PrepareReward annotator, long seed) {
        ParameterSelection trained = condition.misspecifiedPolicy()
                ? study.misspecifiedPolicy()
                : study.model().trained();
        IterationPolicy choices = study.iteration();
        List<DrawPairs> drawn = new ArrayList<>();
        List<EvaluatePolicy> evaluations = new ArrayList<>();
        Task<Gpt2Policy> policy = base;
        for (int iteration = 1; iteration <= study.iterations(); iteration++) {
            drawn.add(
                    iteration == 1 || method.regenerates()
                            ? draw(policy, annotator, DrawPairs.seed(seed, iteration))
                            : drawn.get(0));
            List<DrawPairs> data = choices.data() == IterationPolicy.Data.ALL && method.regenerates()
                    ? drawn
                    : List.of(drawn.get(iteration - 1));
            Task<Gpt2Policy> reference = choices.reference() == IterationPolicy.Reference.PREVIOUS ? policy : base;
            List<ScoreDrawn> scores = ScoreDrawn.serves(method.loss())
                    ? data.stream().map(one -> new ScoreDrawn(reference, one)).toList()
                    : List.of();
            policy = new OnlineIteration(
                    choices.start() == IterationPolicy.Start.PREVIOUS ? policy : base,
                    reference,
                    data,
                    scores,
                    method.loss(),
                    trained,
                    study.training(),
                    iteration,
                    OnlineIteration.seed(seed, iteration),
                    label(condition, method, seed));
            evaluations.add(evaluation(policy, method.loss().beta(), iteration));
        }
        return new OnlineCell(drawn, evaluations);
    }

    private static String label(Condition condition, OnlineMethod method, long seed) {
        return method.label()
                + (condition == Condition.NONE ? "" : ", mis-specified " + condition.label())
                + ", seed " + seed;
    }

    private DrawPairs draw(Task<Gpt2Policy> policy, PrepareReward annotator, long seed) {
        return new DrawPairs(
                policy,
                annotator,
                prompts,
                forTraining,
                pairs,
                base,
                study.sampler(),
                study.sampling(),
                study.selection(),
                study.ties(),
                study.appendEndOfText(),
                seed);
    }

    private EvaluatePolicy evaluation(Task<Gpt2Policy> policy, double beta, int step) {
        SamplingSettings plain = SamplingSettings.of(study.sampling().maxNewTokens());
        long ownSeed = RandomSource.of(study.baseSeed()).stream("own").nextLong();
        SampleRewards own = new SampleRewards(policy, oracle, prompts, forEvaluation, plain, ownSeed);
        return new EvaluatePolicy(
                policy == base ? baseline : measured(policy), own, base, baseline, beta, study.scores(), step);
    }

    private SampleRewards measured(Task<Gpt2Policy> policy) {
        SamplingSettings settings =
                study.sampling().withSamplesPerPrompt(1).withTemperature(study.evaluationTemperature());
        return new SampleRewards(policy, oracle, prompts, forEvaluation, settings, study.baseSeed());
    }

    private PrepareReward misspecifiedReward() {
        requireHasData(
                "misspecifiedReward", study.misspecifiedReward(), "misspecifiedReward(...), or under(Condition.NONE)");
        return reward(study.misspecifiedReward(), "weak reward");
    }

    private void requireHasData(String setting, RewardSpec reward, String instead) {
        SettingException.require(
                !(reward instanceof RewardSpec.World) || study.data() instanceof DatasetSpec.World,
                setting,
                "a world's reward, on other data than the world's",
                instead);
    }

    private PrepareReward reward(RewardSpec spec, String name) {
        String weights = spec instanceof RewardSpec.Pretrained pretrained ? contents.ofModel(pretrained.source()) : "";
        List<TrainReward> model = spec instanceof RewardSpec.Trained trained
                ? List.of(new TrainReward(
                        base,
                        pairs,
                        trained.method().maxLength(longest),
                        trained.pairs(),
                        trained.labelNoise(),
                        RandomSource.of(study.baseSeed()).stream(name).nextLong()))
                : List.of();
        return new PrepareReward(spec, weights, pairs, model);
    }

    /** What the truth allows, where it is known: the best policies at the first method's beta. */
    private void addOptima(List<Cell> cells) {
        if (study.data() instanceof DatasetSpec.World data && study.oracle() instanceof RewardSpec.World truth) {
            int words = data.world().words();
            cells.add(about(OPTIMUM, optimum(data, truth.reward(), truth.reward(), words)));
            cells.add(about(OPTIMUM + ", small class", optimum(data, truth.reward(), truth.reward(), Math.max(1, (int)
                    (SMALL_CLASS_SHARE * words)))));
            if (study.misspecifiedReward() instanceof RewardSpec.World known) {
                cells.add(about(
                        OPTIMUM + ", mis-specified reward", optimum(data, known.reward(), truth.reward(), words)));
            }
        }
    }

    private FindWorldOptimum optimum(DatasetSpec.World data, WorldReward maximised, WorldReward truth, int groups) {
        return new FindWorldOptimum(
                data.world(),
                maximised,
                truth,
                groups,
                study.methods().get(0).loss().beta());
    }
}
