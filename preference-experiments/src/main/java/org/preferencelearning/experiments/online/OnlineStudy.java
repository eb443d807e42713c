package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Longs;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Plan;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * An online study, as in the verification of Section 3: from one fine-tuned policy, arms go through iterations of sampling,
 * annotation, pair selection and training, under several conditions. An inert value; each of its methods returns a changed
 * copy.
 *
 * @param name what it is called
 * @param model the policy that everything starts from
 * @param data pairs: their prompts are sampled from, and models of the study are trained on them
 * @param oracle the true reward, as far as the study knows: it labels, and it measures
 * @param weakReward the mis-specified reward
 * @param weakPolicy the parameters that a mis-specified policy trains
 * @param arms what is compared
 * @param conditions under which
 * @param iterations of sampling and training, at least 1
 * @param promptSource where prompts come from
 * @param maxPromptCharacters longer prompts, template included, are left out; 0 for no limit but that of tokens
 * @param trainPrompts prompts of every iteration, at least 1: the first of the source
 * @param evaluationPrompts prompts of the evaluation, at least 1: those after them
 * @param sampling how responses to train on are drawn; at least two a prompt
 * @param evaluationTemperature of the responses that are measured
 * @param selection which two responses are compared
 * @param lengthPenalty of {@link PairSelection#MAX_MIN_P}
 * @param ties what becomes of equal rewards
 * @param iteration start, reference and data of an iteration
 * @param training of one iteration
 * @param appendEndOfText whether pairs get an end-of-text token after a response that was cut off
 * @param claims what the study expects
 * @param seeds of the sampling and of the order of pairs
 */
public record OnlineStudy(
        String name,
        ModelSpec model,
        DatasetSpec data,
        RewardSpec oracle,
        RewardSpec weakReward,
        ParameterSelection weakPolicy,
        List<ArmSpec> arms,
        List<Condition> conditions,
        int iterations,
        PromptSpec promptSource,
        int maxPromptCharacters,
        int trainPrompts,
        int evaluationPrompts,
        SamplingSettings sampling,
        double evaluationTemperature,
        PairSelection selection,
        double lengthPenalty,
        TiePolicy ties,
        IterationPolicy iteration,
        TrainingSettings training,
        boolean appendEndOfText,
        List<OnlineClaim> claims,
        List<Long> seeds) {

    private static final int PUBLISHED_CHARACTERS = 128;

    public OnlineStudy {
        requireNonNull(name, "name");
        requireNonNull(model, "model");
        requireNonNull(data, "data");
        requireNonNull(oracle, "oracle");
        requireNonNull(weakReward, "weakReward");
        requireNonNull(weakPolicy, "weakPolicy");
        arms = ImmutableList.copyOf(arms);
        conditions = ImmutableList.copyOf(conditions);
        claims = ImmutableList.copyOf(claims);
        seeds = ImmutableList.copyOf(seeds);
        SettingException.requireDistinct(
                "compare", arms.stream().map(ArmSpec::label).toList());
        SettingException.requireDistinct("conditions", conditions);
        SettingException.requireDistinct("seeds", seeds);
        SettingException.requireAtLeast("iterations", iterations, 1);
        requireNonNull(promptSource, "promptSource");
        SettingException.requireAtLeast("maxPromptCharacters", maxPromptCharacters, 0);
        SettingException.requireAtLeast("trainPrompts", trainPrompts, 1);
        SettingException.requireAtLeast("evaluationPrompts", evaluationPrompts, 1);
        SettingException.require(
                sampling.samplesPerPrompt() >= 2,
                "responsesPerPrompt",
                sampling.samplesPerPrompt(),
                "a whole number of at least 2");
        SettingException.requireNotNegative("evaluationTemperature", evaluationTemperature);
        SettingException.requireBetween("lengthPenalty", lengthPenalty, -1e6, 1e6);
        requireNonNull(selection, "selection");
        requireNonNull(ties, "ties");
        requireNonNull(iteration, "iteration");
        requireNonNull(training, "training");
    }

    /** The same study of another model, on other data. */
    public OnlineStudy on(ModelSpec model, DatasetSpec data) {
        return changed(draft -> {
            draft.model = model;
            draft.data = data;
        });
    }

    /** The same study with another true reward. */
    public OnlineStudy oracle(RewardSpec oracle) {
        return changed(draft -> draft.oracle = oracle);
    }

    /** The same study with another mis-specified reward. */
    public OnlineStudy weakReward(RewardSpec weakReward) {
        return changed(draft -> draft.weakReward = weakReward);
    }

    /** The same study with another mis-specified policy class. */
    public OnlineStudy weakPolicy(ParameterSelection weakPolicy) {
        return changed(draft -> draft.weakPolicy = weakPolicy);
    }

    /** The same study of these arms. */
    public OnlineStudy compare(ArmSpec... arms) {
        return changed(draft -> draft.arms = List.of(arms));
    }

    /** The same study under these conditions. */
    public OnlineStudy under(Condition... conditions) {
        return changed(draft -> draft.conditions = List.of(conditions));
    }

    /** The same study with as many iterations. */
    public OnlineStudy iterations(int iterations) {
        return changed(draft -> draft.iterations = iterations);
    }

    /** The same study with as many prompts to train on in every iteration, and to evaluate on. */
    public OnlineStudy prompts(int train, int evaluation) {
        return changed(draft -> {
            draft.trainPrompts = train;
            draft.evaluationPrompts = evaluation;
        });
    }

    /** The same study with prompts from elsewhere. */
    public OnlineStudy promptsFrom(PromptSpec source) {
        return changed(draft -> draft.promptSource = source);
    }

    /** The same study without prompts of more characters, template included; 0 for no limit but that of tokens. */
    public OnlineStudy maxPromptCharacters(int characters) {
        return changed(draft -> draft.maxPromptCharacters = characters);
    }

    /** The same study with responses drawn otherwise. */
    public OnlineStudy sampling(UnaryOperator<SamplingSettings> change) {
        return changed(draft -> draft.sampling = change.apply(sampling));
    }

    /** The same study with as many responses to a prompt. */
    public OnlineStudy responsesPerPrompt(int responses) {
        return sampling(settings -> settings.withSamplesPerPrompt(responses));
    }

    /** The same study evaluated at another temperature. */
    public OnlineStudy evaluationTemperature(double temperature) {
        return changed(draft -> draft.evaluationTemperature = temperature);
    }

    /** The same study with other pairs; the penalty, in reward per token, is that of {@link PairSelection#MAX_MIN_P}. */
    public OnlineStudy selection(PairSelection selection, double lengthPenalty) {
        return changed(draft -> {
            draft.selection = selection;
            draft.lengthPenalty = lengthPenalty;
        });
    }

    /** The same study with ties treated otherwise. */
    public OnlineStudy ties(TiePolicy ties) {
        return changed(draft -> draft.ties = ties);
    }

    /** The same study with another start, reference or accumulation of data. */
    public OnlineStudy iteration(IterationPolicy iteration) {
        return changed(draft -> draft.iteration = iteration);
    }

    /** The same study with iterations trained otherwise. */
    public OnlineStudy training(UnaryOperator<TrainingSettings> change) {
        return changed(draft -> draft.training = change.apply(training));
    }

    /** The same study with its model fine-tuned otherwise, on the chosen responses, before the arms start. */
    public OnlineStudy fineTuning(UnaryOperator<TrainingSettings> change) {
        return changed(draft -> draft.model = model.fineTuning(change));
    }

    /** The same study expecting this. */
    public OnlineStudy expect(OnlineClaim... claims) {
        return changed(draft -> draft.claims = List.of(claims));
    }

    /** The same study with these seeds. */
    public OnlineStudy seeds(long... seeds) {
        return changed(draft -> draft.seeds = Longs.asList(seeds));
    }

    /**
     * The same study with a share of the prompts, at least one of each kind.
     *
     * @param share above 0 and at most 1
     */
    public OnlineStudy scale(double share) {
        SettingException.require(share > 0 && share <= 1, "scale", share, "above 0 and at most 1");
        int prompts = scaled(trainPrompts, share);
        return prompts(prompts, scaled(evaluationPrompts, share)).training(settings -> settings.fitting(prompts));
    }

    private static int scaled(int count, double share) {
        return (int) Math.max(1, Math.round(count * share));
    }

    /**
     * The same study as the public code samples and tokenises: prompts of at most 128 <em>characters</em>, template included
     * ({@code get_hf2.py}, {@code --max_input_length}); the 50 likeliest tokens, which is what transformers does unasked
     * ({@code get_hf2.py}); and an end-of-text token after every response, cut off or not ({@code dpo.py}).
     */
    public OnlineStudy asPublished() {
        return maxPromptCharacters(PUBLISHED_CHARACTERS)
                .sampling(settings -> settings.withTopK(50))
                .changed(draft -> draft.appendEndOfText = true);
    }

    /** The same study as the text describes it: all prompts that fit, responses from the policy itself, as they were drawn. */
    public OnlineStudy asDescribed() {
        return maxPromptCharacters(0)
                .sampling(settings -> settings.withTopK(0))
                .changed(draft -> draft.appendEndOfText = false);
    }

    private OnlineStudy changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.finished();
    }

    /**
     * What the study costs at most.
     *
     * @param config shape of its model
     * @param longest tokens of the longest prompt with its response
     */
    public StudyPlan plan(Gpt2Config config, int longest) {
        double rounds = (double) cells() * iterations;
        double drawn = (double) trainPrompts * sampling.samplesPerPrompt() * longest;
        double pairs = 2.0 * trainPrompts * longest;
        double measured = (double) evaluationPrompts * longest;
        Gpt2Plan training =
                Gpt2Plan.training(config, model.trained(), 2 * this.training.microBatchSize(), longest, true);
        return StudyPlan.of(
                cells(),
                rounds * (drawn + 2 * measured),
                rounds * this.training.epochs() * pairs,
                rounds * (drawn + pairs + 3 * measured),
                config.parameters(),
                // the oracle, the weak reward and the reference are there all the time
                training.peakBytes() + 3 * training.weightBytes());
    }

    /** Number of cells: arms times conditions times seeds. */
    public int cells() {
        return arms.size() * conditions.size() * seeds.size();
    }

    /** The study as JSON; {@link #fromJson} reads it back. */
    public String toJson() {
        return StudyJson.write(this);
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws org.preferencelearning.core.error.DataFormatException if it is not a study
     */
    public static OnlineStudy fromJson(String json) {
        return StudyJson.read(json, OnlineStudy.class);
    }

    /** The study while a part of it changes. */
    private static final class Draft {
        private final OnlineStudy from;
        private ModelSpec model;
        private DatasetSpec data;
        private RewardSpec oracle;
        private RewardSpec weakReward;
        private ParameterSelection weakPolicy;
        private List<ArmSpec> arms;
        private List<Condition> conditions;
        private int iterations;
        private PromptSpec promptSource;
        private int maxPromptCharacters;
        private int trainPrompts;
        private int evaluationPrompts;
        private SamplingSettings sampling;
        private double evaluationTemperature;
        private PairSelection selection;
        private double lengthPenalty;
        private TiePolicy ties;
        private IterationPolicy iteration;
        private TrainingSettings training;
        private boolean appendEndOfText;
        private List<OnlineClaim> claims;
        private List<Long> seeds;

        Draft(OnlineStudy from) {
            this.from = from;
            model = from.model;
            data = from.data;
            oracle = from.oracle;
            weakReward = from.weakReward;
            weakPolicy = from.weakPolicy;
            arms = from.arms;
            conditions = from.conditions;
            iterations = from.iterations;
            promptSource = from.promptSource;
            maxPromptCharacters = from.maxPromptCharacters;
            trainPrompts = from.trainPrompts;
            evaluationPrompts = from.evaluationPrompts;
            sampling = from.sampling;
            evaluationTemperature = from.evaluationTemperature;
            selection = from.selection;
            lengthPenalty = from.lengthPenalty;
            ties = from.ties;
            iteration = from.iteration;
            training = from.training;
            appendEndOfText = from.appendEndOfText;
            claims = from.claims;
            seeds = from.seeds;
        }

        OnlineStudy finished() {
            return new OnlineStudy(
                    from.name,
                    model,
                    data,
                    oracle,
                    weakReward,
                    weakPolicy,
                    arms,
                    conditions,
                    iterations,
                    promptSource,
                    maxPromptCharacters,
                    trainPrompts,
                    evaluationPrompts,
                    sampling,
                    evaluationTemperature,
                    selection,
                    lengthPenalty,
                    ties,
                    iteration,
                    training,
                    appendEndOfText,
                    claims,
                    seeds);
        }
    }
}
