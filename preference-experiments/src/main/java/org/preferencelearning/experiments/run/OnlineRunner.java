package org.preferencelearning.experiments.run;

import com.google.common.primitives.Ints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferenceFormats;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PromptReader;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.ResponseSpace;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.RewardModel;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.online.Annotator;
import org.preferencelearning.experiments.online.ArmSpec;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.Evaluation;
import org.preferencelearning.experiments.online.IterationPolicy;
import org.preferencelearning.experiments.online.OnlineCell;
import org.preferencelearning.experiments.online.OnlineResult;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.PairMaker;
import org.preferencelearning.experiments.online.PromptSpec;
import org.preferencelearning.experiments.online.RewardSpec;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.experiments.world.WorldOptimum;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs online studies on this machine, one cell after the other. A cell depends on the study, its arm, its condition and its
 * seed alone; cells of equal seed draw their first responses alike.
 */
public final class OnlineRunner {
    private static final Logger LOG = LoggerFactory.getLogger(OnlineRunner.class);
    private static final long SPLIT_SEED = 0;
    /** Of the order of examples where a reward model is trained: the same in every study. */
    private static final long REWARD_ORDER_SEED = 42;

    private static final double VALIDATION_SHARE = 0.1;
    /** Most responses to a prompt over which a divergence is summed. */
    private static final int LISTED_RESPONSES = 20_000;

    private final OnlineStudy study;
    private final Progress progress;
    private final TrackedTrainer trainer;
    private final Models models;
    private final StudyData data;
    private final List<int[]> trainPrompts;
    private final List<int[]> evaluationPrompts;

    private OnlineRunner(OnlineStudy study, Progress progress) {
        study.training().requireMoves(study.trainPrompts());
        this.study = study;
        this.progress = progress;
        this.trainer = new TrackedTrainer(progress);
        this.models = new Models(progress);
        this.data = StudyData.load(study.data(), VALIDATION_SHARE, SPLIT_SEED, models);
        List<int[]> prompts = prompts(study.trainPrompts() + study.evaluationPrompts());
        this.trainPrompts = prompts.subList(0, study.trainPrompts());
        this.evaluationPrompts = prompts.subList(study.trainPrompts(), prompts.size());
    }

    /**
     * Runs every cell of {@code study}.
     *
     * @throws SettingException if there are too few prompts, a prompt leaves no room for a response, or a training of a pair
     *     for each prompt would have no update after its warm-up
     */
    public static OnlineResult run(OnlineStudy study, Progress progress) {
        return new OnlineRunner(study, progress).run();
    }

    /** Encoded prompts: the first that are short enough. */
    private List<int[]> prompts(int count) {
        int longest = SequenceLimit.of(study) - study.sampling().maxNewTokens();
        List<int[]> prompts = new ArrayList<>();
        for (String text : promptTexts(count)) {
            if (prompts.size() == count) {
                break;
            }
            if (study.maxPromptCharacters() > 0 && PythonText.length(text) > study.maxPromptCharacters()) {
                continue;
            }
            int[] tokens = data.tokenizer().encode(text);
            if (tokens.length >= 1 && tokens.length <= longest) {
                prompts.add(tokens);
            }
        }
        SettingException.require(
                prompts.size() == count,
                "prompts",
                count,
                "at most " + prompts.size() + ", the prompts of up to " + longest + " tokens"
                        + (study.maxPromptCharacters() > 0
                                ? " and " + study.maxPromptCharacters() + " characters"
                                : ""));
        return prompts;
    }

    /** Of a world as many as are asked for, of pairs all that differ, of a file of prompts its rows. */
    private List<String> promptTexts(int count) {
        if (study.promptSource() instanceof PromptSpec.File file) {
            return rows(Path.of(file.path()));
        }
        if (study.promptSource() instanceof PromptSpec.Hub hub) {
            return rows(models.datasetFile(hub.repository(), hub.file()));
        }
        return study.data() instanceof DatasetSpec.World world
                ? world.world().prompts(count)
                : data.train().pairs().stream()
                        .map(PreferencePair::prompt)
                        .distinct()
                        .toList();
    }

    private static List<String> rows(Path file) {
        return PromptReader.read(file, PreferenceFormats.CONVERSATION_TEMPLATE).prompts();
    }

    private OnlineResult run() {
        long start = System.nanoTime();
        try (Gpt2Policy base = FineTuning.policy(
                        study.model(),
                        data.train(),
                        data.tokenizer(),
                        SequenceLimit.of(study),
                        SPLIT_SEED,
                        models,
                        trainer);
                Judge oracle = judge(study.oracle(), base, "oracle");
                Judge weak = judge(study.weakReward(), base, "weak reward")) {
            double[] fineTunedRewards = oracle.rewards(responses(base, study.evaluationTemperature()));
            Evaluation fineTuned = evaluate(base, base, oracle, fineTunedRewards);
            List<OnlineCell> cells = new ArrayList<>();
            for (Condition condition : study.conditions()) {
                for (ArmSpec arm : study.arms()) {
                    for (long seed : study.seeds()) {
                        boolean weakly = condition.weakReward() && arm.learnsFromRewardModel();
                        cells.add(cell(arm, condition, seed, base, oracle, weakly ? weak : oracle, fineTunedRewards));
                    }
                }
            }
            return new OnlineResult(
                    study,
                    fineTuned,
                    cells,
                    accuracy(weak),
                    optimum(study.oracle(), SparseTextWorld::words),
                    optimum(
                            study.oracle(),
                            world -> Math.max(1, (int) (OnlineResult.SMALL_CLASS_SHARE * world.words()))),
                    optimum(study.weakReward(), SparseTextWorld::words),
                    seconds(start));
        }
    }

    private OnlineCell cell(
            ArmSpec arm,
            Condition condition,
            long seed,
            Gpt2Policy base,
            Judge oracle,
            Judge annotator,
            double[] fineTunedRewards) {
        long start = System.nanoTime();
        ParameterSelection trained =
                condition.weakPolicy() ? study.weakPolicy() : study.model().trained();
        String name = arm.label() + ", " + condition + ", seed " + seed;
        List<OnlineCell.Iteration> iterations = new ArrayList<>();
        List<TokenPair> pairs = new ArrayList<>();
        IterationPolicy choices = study.iteration();
        Gpt2Policy policy = base.copy(trained);
        Gpt2Policy previous = null;
        try {
            PairMaker.Result made = null;
            for (int iteration = 1; iteration <= study.iterations(); iteration++) {
                if (made == null || arm.regenerates()) {
                    made = makePairs(policy, annotator, seed, iteration);
                    if (choices.data() == IterationPolicy.Data.NEWEST) {
                        pairs.clear();
                    }
                    pairs.addAll(made.pairs());
                }
                if (choices.reference() == IterationPolicy.Reference.PREVIOUS) {
                    close(previous);
                    previous = policy.copy(ParameterSelection.none());
                }
                if (choices.start() == IterationPolicy.Start.FINE_TUNED && iteration > 1) {
                    policy.close();
                    policy = base.copy(trained);
                }
                ReferencePolicy reference = ReferencePolicy.of(previous == null ? base : previous);
                // where all rewards are equal there is nothing to learn from
                if (!pairs.isEmpty()) {
                    trainer.train(
                            name + ", iteration " + iteration,
                            new PreferenceObjective(policy, reference, PreferenceLosses.named(arm.loss(), arm.beta())),
                            pairs,
                            training(name, pairs.size()),
                            RandomSource.of(derived(seed, "order " + iteration)));
                }
                iterations.add(new OnlineCell.Iteration(
                        pairs.size(), made.ties(), evaluate(policy, base, oracle, fineTunedRewards)));
            }
        } finally {
            policy.close();
            close(previous);
        }
        return new OnlineCell(arm.label(), condition, seed, iterations, seconds(start));
    }

    /** Ties may leave so few pairs that there would be no update after the warm-up. */
    private TrainingSettings training(String name, int pairs) {
        TrainingSettings settings = study.training().fitting(pairs);
        if (!settings.equals(study.training())) {
            LOG.warn(
                    "{}: {} pairs make {} updates; the warm-up of {} is shortened to {}",
                    name,
                    pairs,
                    settings.totalSteps(pairs),
                    study.training().warmupSteps(),
                    settings.warmupSteps());
        }
        return settings;
    }

    private static void close(Gpt2Policy policy) {
        if (policy != null) {
            policy.close();
        }
    }

    private PairMaker.Result makePairs(Gpt2Policy policy, Judge annotator, long seed, int iteration) {
        List<List<Rollout>> rollouts = policy.sample(
                SamplingRequest.of(trainPrompts, derived(seed, "responses " + iteration)), study.sampling());
        double[] rewards = annotator.rewards(
                rollouts.stream().flatMap(List::stream).map(Rollout::sequence).toList());
        int end = study.appendEndOfText() ? data.tokenizer().endOfText() : -1;
        return new PairMaker(study.selection(), study.lengthPenalty(), study.ties(), end).pairs(rollouts, rewards);
    }

    /** Seeds of the responses that are measured are the same for every policy, so that differences are the policies'. */
    private List<Rollout> rollouts(Gpt2Policy policy, double temperature) {
        SamplingSettings settings = study.sampling().withSamplesPerPrompt(1).withTemperature(temperature);
        return oneEach(policy, SPLIT_SEED, settings);
    }

    /** One response to each evaluation prompt. */
    private List<Rollout> oneEach(Gpt2Policy policy, long seed, SamplingSettings settings) {
        return policy.sample(SamplingRequest.of(evaluationPrompts, seed), settings).stream()
                .map(list -> list.get(0))
                .toList();
    }

    private List<TokenSequence> responses(Gpt2Policy policy, double temperature) {
        return rollouts(policy, temperature).stream().map(Rollout::sequence).toList();
    }

    private Evaluation evaluate(Gpt2Policy policy, Gpt2Policy base, Judge oracle, double[] fineTunedRewards) {
        List<Rollout> measured = rollouts(policy, study.evaluationTemperature());
        double[] rewards =
                oracle.rewards(measured.stream().map(Rollout::sequence).toList());
        SamplingSettings plain = SamplingSettings.of(study.sampling().maxNewTokens());
        List<Rollout> own = oneEach(policy, derived(SPLIT_SEED, "own"), plain);
        List<TokenSequence> ownSequences = own.stream().map(Rollout::sequence).toList();
        double[] baseSums = base.logProbabilities(ownSequences);
        double divergence = IntStream.range(0, baseSums.length)
                .mapToDouble(i -> own.get(i).logProbability() - baseSums[i])
                .average()
                .orElseThrow();
        double wins = IntStream.range(0, rewards.length)
                .mapToDouble(i -> (Double.compare(rewards[i], fineTunedRewards[i]) + 1) / 2.0)
                .average()
                .orElseThrow();
        return new Evaluation(
                mean(rewards),
                mean(oracle.rewards(ownSequences)),
                divergence,
                exactDivergence(policy, base),
                wins,
                measured.stream().filter(Rollout::ended).count() / (double) measured.size(),
                measured.stream()
                        .mapToInt(rollout -> rollout.sequence().responseLength())
                        .average()
                        .orElseThrow());
    }

    private OptionalDouble exactDivergence(Gpt2Policy policy, Gpt2Policy base) {
        int vocabulary = data.tokenizer().vocabulary();
        int longest = study.sampling().maxNewTokens();
        if (ResponseSpace.size(vocabulary, longest) > LISTED_RESPONSES) {
            return OptionalDouble.empty();
        }
        Map<List<Integer>, Double> byPrompt = new HashMap<>();
        return evaluationPrompts.stream()
                .mapToDouble(prompt -> byPrompt.computeIfAbsent(Ints.asList(prompt), key -> ResponseSpace.of(
                                prompt, vocabulary, data.tokenizer().endOfText(), longest)
                        .divergence(policy, base)))
                .average();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** An annotator and what it owns. */
    private record Judge(Annotator annotator, Optional<Gpt2RewardModel> model) implements AutoCloseable {
        double[] rewards(List<TokenSequence> sequences) {
            return annotator.rewards(sequences);
        }

        @Override
        public void close() {
            model.ifPresent(Gpt2RewardModel::close);
        }
    }

    private Judge judge(RewardSpec spec, Gpt2Policy base, String name) {
        if (spec instanceof RewardSpec.World world) {
            SettingException.require(
                    study.data() instanceof DatasetSpec.World, name, world, "a world's reward on a world's data alone");
            return new Judge(
                    Annotator.ofWorld(((DatasetSpec.World) study.data()).world(), world.reward(), data.tokenizer()),
                    Optional.empty());
        }
        Gpt2RewardModel model = spec instanceof RewardSpec.Pretrained pretrained
                ? models.rewardModel(pretrained.source(), data.tokenizer())
                : trained((RewardSpec.Trained) spec, base, name);
        // a world's words have no blanks of their own to encode again
        Annotator annotator = study.data() instanceof DatasetSpec.World
                ? Annotator.ofTokens(model, data.tokenizer())
                : Annotator.ofModel(model, data.tokenizer());
        return new Judge(annotator, Optional.of(model));
    }

    private Gpt2RewardModel trained(RewardSpec.Trained spec, Gpt2Policy base, String name) {
        RandomSource random = RandomSource.of(SPLIT_SEED).stream(name);
        int count = Math.min(spec.pairs(), data.train().size());
        List<PreferencePair> noisy = data.train().first(count).pairs().stream()
                .map(pair -> random.nextBernoulli(spec.labelNoise())
                        ? new PreferencePair(
                                pair.prompt(), pair.rejected(), pair.chosen(), OptionalDouble.empty(), pair.weight())
                        : pair)
                .toList();
        List<TokenPair> pairs = PairTokenizer.encode(
                        new PreferenceDataset(name, noisy),
                        data.tokenizer(),
                        spec.method().tokenization().withMaxLength(SequenceLimit.of(study)))
                .pairs();
        Gpt2RewardModel model =
                Gpt2RewardModel.from(base, random.stream("score"), spec.method().trained());
        if (spec.method().dropout() > 0) {
            model.dropout(spec.method().dropout(), random.stream("dropout"));
        }
        trainer.train(
                name,
                new RewardObjective(model, RewardLosses.bradleyTerry()),
                pairs,
                spec.method().training(),
                RandomSource.of(REWARD_ORDER_SEED));
        return model;
    }

    /** Share of held-out pairs that the annotator ranks as labelled. */
    private OptionalDouble accuracy(Judge judge) {
        List<TokenPair> pairs = PairTokenizer.encode(
                        data.validation(),
                        data.tokenizer(),
                        Tokenization.onlineStudy().withMaxLength(SequenceLimit.of(study)))
                .pairs();
        if (pairs.isEmpty()) {
            return OptionalDouble.empty();
        }
        RewardModel rewards = judge.annotator();
        double[] chosen = rewards.rewards(pairs.stream().map(TokenPair::chosen).toList());
        double[] rejected =
                rewards.rewards(pairs.stream().map(TokenPair::rejected).toList());
        return IntStream.range(0, chosen.length)
                .mapToDouble(i -> (Double.compare(chosen[i], rejected[i]) + 1) / 2.0)
                .average();
    }

    private Optional<WorldOptimum> optimum(RewardSpec maximised, ToIntFunction<SparseTextWorld> groups) {
        if (study.data() instanceof DatasetSpec.World data
                && study.oracle() instanceof RewardSpec.World truth
                && maximised instanceof RewardSpec.World known) {
            double beta = study.arms().get(0).beta();
            return Optional.of(WorldOptimum.ofGroups(
                    data.world(), groups.applyAsInt(data.world()), known.reward(), truth.reward(), beta));
        }
        return Optional.empty();
    }

    private static long derived(long seed, String name) {
        return RandomSource.of(seed).stream(name).nextLong();
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
