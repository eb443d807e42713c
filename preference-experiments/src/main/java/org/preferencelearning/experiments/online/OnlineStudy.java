package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Longs;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.PromptSpec;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.task.Described;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Gpt2Plan;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * An online study, as in the verification of Section 3: from one fine-tuned policy, methods go through iterations of sampling,
 * annotation, pair selection and training, under several conditions. An inert value; each of its methods returns a changed
 * copy.
 *
 * @param name what it is called
 * @param model the policy that everything starts from
 * @param data pairs: their prompts are sampled from, and models of the study are trained on them
 * @param oracle the true reward, as far as the study knows: it labels, and it measures
 * @param misspecifiedReward the mis-specified reward
 * @param misspecifiedPolicy the parameters that a mis-specified policy trains
 * @param methods what is compared
 * @param conditions under which
 * @param iterations of sampling and training, at least 1
 * @param promptSource where prompts come from
 * @param maxPromptCharacters longer prompts, template included, are left out; 0 for no limit but that of tokens
 * @param trainPrompts prompts of every iteration, at least 1: the first of the source
 * @param evaluationPrompts prompts of the evaluation, at least 1: those after them
 * @param sampler which policy the responses to train on come from
 * @param sampling how they are drawn; at least two a prompt
 * @param evaluationTemperature of the responses that are measured
 * @param scores what is measured of them besides {@link OnlineMetrics}
 * @param selection which two responses are compared
 * @param ties what becomes of equal rewards
 * @param iteration start, reference and data of an iteration
 * @param training of one iteration
 * @param appendEndOfText whether pairs get an end-of-text token after a response that was cut off
 * @param claims what the study expects
 * @param maxLength most tokens of a prompt with its response, at least 2; a model's own limit if that is less
 * @param seeds of the sampling and of the order of pairs
 * @param baseSeed of what all cells share: the split (as NumPy's), random weights and their fine-tuning, trained rewards and
 *     the responses that are measured, so that differences are the policies'
 */
@RecordBuilder
@RecordBuilder.Options(
        enableWither = false,
        builderClassModifiers = {})
public record OnlineStudy(
        String name,
        ModelSpec model,
        DatasetSpec data,
        RewardSpec oracle,
        RewardSpec misspecifiedReward,
        ParameterSelection misspecifiedPolicy,
        List<OnlineMethod> methods,
        List<Condition> conditions,
        int iterations,
        PromptSpec promptSource,
        int maxPromptCharacters,
        int trainPrompts,
        int evaluationPrompts,
        ResponseSampler sampler,
        SamplingSettings sampling,
        double evaluationTemperature,
        List<TextScore> scores,
        PairSelector selection,
        TiePolicy ties,
        IterationPolicy iteration,
        TrainingSettings training,
        boolean appendEndOfText,
        List<Claim> claims,
        int maxLength,
        List<Long> seeds,
        long baseSeed)
        implements Study {

    private static final int PUBLISHED_CHARACTERS = 128;
    private static final List<String> METRICS = List.of(
            OnlineMetrics.REWARD,
            OnlineMetrics.OWN_REWARD,
            OnlineMetrics.KL,
            OnlineMetrics.EXACT_KL,
            OnlineMetrics.VALUE,
            OnlineMetrics.OPTIMUM_ESTIMATE,
            OnlineMetrics.WIN_RATE,
            OnlineMetrics.ENDED,
            OnlineMetrics.LENGTH);

    public OnlineStudy {
        requireNonNull(name, "name");
        requireNonNull(model, "model");
        requireNonNull(data, "data");
        requireNonNull(oracle, "oracle");
        requireNonNull(misspecifiedReward, "misspecifiedReward");
        requireNonNull(misspecifiedPolicy, "misspecifiedPolicy");
        methods = ImmutableList.copyOf(OnlineMethod.toldApart(methods));
        scores = ImmutableList.copyOf(scores);
        conditions = ImmutableList.copyOf(conditions);
        claims = ImmutableList.copyOf(claims);
        seeds = ImmutableList.copyOf(seeds);
        SettingException.requireDistinct(
                "compare", methods.stream().map(OnlineMethod::label).toList());
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
        Described.require("sampler", sampler, ResponseSampler.class);
        Described.require("selection", selection, PairSelector.class);
        scores.forEach(score -> Described.require("measure", score, TextScore.class));
        SettingException.requireDistinct("measure", metrics(scores));
        requireNonNull(ties, "ties");
        requireNonNull(iteration, "iteration");
        requireNonNull(training, "training");
        SettingException.requireAtLeast("maxLength", maxLength, 2);
        Claim.requireAnswerable(claims, metrics(scores), coordinates(methods, conditions, seeds));
    }

    /** Most tokens of a prompt with its response. */
    private static int longest(ModelSpec model, int maxLength) {
        return model instanceof ModelSpec.Fresh fresh
                ? Math.min(maxLength, fresh.config().positions())
                : maxLength;
    }

    @Override
    public List<String> metrics() {
        return metrics(scores);
    }

    private static List<String> metrics(List<TextScore> scores) {
        return Stream.concat(METRICS.stream(), scores.stream().map(TextScore::label))
                .toList();
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return coordinates(methods, conditions, seeds);
    }

    private static Map<String, List<String>> coordinates(
            List<OnlineMethod> methods, List<Condition> conditions, List<Long> seeds) {
        return ImmutableMap.of(
                CellId.CONDITION, conditions.stream().map(Condition::label).toList(),
                CellId.METHOD, methods.stream().map(OnlineMethod::label).toList(),
                CellId.SEED, seeds.stream().map(String::valueOf).toList());
    }

    @Override
    public List<Cell> cells(Contents contents) {
        int longest = longest(model, maxLength);
        SettingException.require(
                sampling.maxNewTokens() < longest,
                "maxNewTokens",
                sampling.maxNewTokens(),
                "below " + longest + ", the longest sequence, to leave room for a prompt");
        return new OnlineCells(this, longest, contents).all();
    }

    /** The same study of another model, on other data. */
    public OnlineStudy on(ModelSpec model, DatasetSpec data) {
        return changed(builder -> builder.model(model).data(data));
    }

    /** The same study with another true reward. */
    public OnlineStudy oracle(RewardSpec oracle) {
        return changed(builder -> builder.oracle(oracle));
    }

    /** The same study with a true reward of your own. */
    public OnlineStudy oracle(TextScore oracle) {
        return oracle(new RewardSpec.Text(oracle));
    }

    /** The same study with another mis-specified reward. */
    public OnlineStudy misspecifiedReward(RewardSpec misspecifiedReward) {
        return changed(builder -> builder.misspecifiedReward(misspecifiedReward));
    }

    /** The same study with a mis-specified reward of your own. */
    public OnlineStudy misspecifiedReward(TextScore misspecifiedReward) {
        return misspecifiedReward(new RewardSpec.Text(misspecifiedReward));
    }

    /** The same study that also measures this of responses at the evaluation temperature. */
    public OnlineStudy measure(TextScore... scores) {
        return changed(builder -> builder.scores(List.of(scores)));
    }

    /** The same study whose responses come from elsewhere than the iteration's policy alone. */
    public OnlineStudy sampler(ResponseSampler sampler) {
        return changed(builder -> builder.sampler(sampler));
    }

    /** The same study with pairs selected otherwise. */
    public OnlineStudy selection(PairSelector selection) {
        return changed(builder -> builder.selection(selection));
    }

    /** The same study with another mis-specified policy class. */
    public OnlineStudy misspecifiedPolicy(ParameterSelection misspecifiedPolicy) {
        return changed(builder -> builder.misspecifiedPolicy(misspecifiedPolicy));
    }

    /** The same study of these methods. */
    public OnlineStudy compare(OnlineMethod... methods) {
        return changed(builder -> builder.methods(List.of(methods)));
    }

    /** The same study under these conditions. */
    public OnlineStudy under(Condition... conditions) {
        return changed(builder -> builder.conditions(List.of(conditions)));
    }

    /** The same study with as many iterations. */
    public OnlineStudy iterations(int iterations) {
        return changed(builder -> builder.iterations(iterations));
    }

    /** The same study with as many prompts to train on in every iteration, and to evaluate on. */
    public OnlineStudy prompts(int train, int evaluation) {
        return changed(builder -> builder.trainPrompts(train).evaluationPrompts(evaluation));
    }

    /** The same study with prompts from elsewhere. */
    public OnlineStudy promptsFrom(PromptSpec source) {
        return changed(builder -> builder.promptSource(source));
    }

    /** The same study without prompts of more characters, template included; 0 for no limit but that of tokens. */
    public OnlineStudy maxPromptCharacters(int characters) {
        return changed(builder -> builder.maxPromptCharacters(characters));
    }

    /** The same study with responses drawn otherwise. */
    public OnlineStudy sampling(UnaryOperator<SamplingSettings> change) {
        return changed(builder -> builder.sampling(change.apply(sampling)));
    }

    /** The same study with as many responses to a prompt. */
    public OnlineStudy responsesPerPrompt(int responses) {
        return sampling(settings -> settings.withSamplesPerPrompt(responses));
    }

    /** The same study evaluated at another temperature. */
    public OnlineStudy evaluationTemperature(double temperature) {
        return changed(builder -> builder.evaluationTemperature(temperature));
    }

    /** The same study with other pairs; the penalty, in reward per token, is that of {@link PairSelection#MAX_MIN_P}. */
    public OnlineStudy selection(PairSelection selection, double lengthPenalty) {
        return selection(new PublicSelection(selection, lengthPenalty));
    }

    /** The same study with ties treated otherwise. */
    public OnlineStudy ties(TiePolicy ties) {
        return changed(builder -> builder.ties(ties));
    }

    /** The same study with another start, reference or accumulation of data. */
    public OnlineStudy iteration(IterationPolicy iteration) {
        return changed(builder -> builder.iteration(iteration));
    }

    /** The same study with iterations trained otherwise. */
    public OnlineStudy training(UnaryOperator<TrainingSettings> change) {
        return changed(builder -> builder.training(change.apply(training)));
    }

    /** The same study with its model fine-tuned otherwise, on the chosen responses, before the methods start. */
    public OnlineStudy fineTuning(UnaryOperator<TrainingSettings> change) {
        return changed(builder -> builder.model(model.fineTuning(change)));
    }

    /** The same study that also expects this. */
    public OnlineStudy expect(Claim... more) {
        return changed(builder -> builder.claims(
                ImmutableList.<Claim>builder().addAll(claims).add(more).build()));
    }

    /** The same study without expectations. */
    public OnlineStudy withoutClaims() {
        return changed(builder -> builder.claims(List.of()));
    }

    /** That one method's policies earn more of the true reward than another's, at the end and the evaluation temperature. */
    public static Claim better(Condition condition, String better, String worse, String source) {
        return Claim.larger(OnlineMetrics.REWARD, cells(condition, better), cells(condition, worse), source);
    }

    /** That two methods' policies earn the same but for a difference of at most {@code within}. */
    public static Claim equal(Condition condition, String one, String other, double within, String source) {
        return Claim.equal(OnlineMetrics.REWARD, cells(condition, one), cells(condition, other), within, source);
    }

    /** That one method's policies have the larger value (reward less beta times divergence) than another's, at the end. */
    public static Claim higherValue(Condition condition, String higher, String lower, String source) {
        return Claim.larger(OnlineMetrics.VALUE, cells(condition, higher), cells(condition, lower), source);
    }

    /** That two methods' policies have the same value but for a difference of at most {@code within}. */
    public static Claim sameValue(Condition condition, String one, String other, double within, String source) {
        return Claim.equal(OnlineMetrics.VALUE, cells(condition, one), cells(condition, other), within, source);
    }

    private static CellId cells(Condition condition, String method) {
        return CellId.of(CellId.CONDITION, condition.label()).and(CellId.METHOD, method);
    }

    /** The same study with sequences of at most {@code tokens} tokens, prompt and response. */
    public OnlineStudy maxLength(int tokens) {
        return changed(builder -> builder.maxLength(tokens));
    }

    /** The same study with another seed of what all cells share. */
    public OnlineStudy baseSeed(long seed) {
        return changed(builder -> builder.baseSeed(seed));
    }

    /** The same study with these seeds. */
    public OnlineStudy seeds(long... seeds) {
        return changed(builder -> builder.seeds(Longs.asList(seeds)));
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
                .changed(builder -> builder.appendEndOfText(true));
    }

    /** The same study as the text describes it: all prompts that fit, responses from the policy itself, as they were drawn. */
    public OnlineStudy asDescribed() {
        return maxPromptCharacters(0)
                .sampling(settings -> settings.withTopK(0))
                .changed(builder -> builder.appendEndOfText(false));
    }

    /**
     * What the study costs at most.
     *
     * @param config shape of its model
     * @param longest tokens of the longest prompt with its response
     */
    public StudyPlan plan(Gpt2Config config, int longest) {
        int cells = methods.size() * conditions.size() * seeds.size();
        double rounds = (double) cells * iterations;
        double drawn = (double) trainPrompts * sampling.samplesPerPrompt() * longest;
        double pairs = 2.0 * trainPrompts * longest;
        double measured = (double) evaluationPrompts * longest;
        Gpt2Plan training =
                Gpt2Plan.training(config, model.trained(), 2 * this.training.microBatchSize(), longest, true);
        return StudyPlan.of(
                cells,
                rounds * (drawn + 2 * measured),
                rounds * this.training.epochs() * pairs,
                rounds * (drawn + pairs + 3 * measured),
                config.parameters(),
                // the oracle, the weak reward and the reference are there all the time
                training.peakBytes() + 3 * training.weightBytes(),
                training.peakBytes(MatrixPrecision.BFLOAT16) + 3 * training.weightBytes() * 3 / 2);
    }

    private OnlineStudy changed(UnaryOperator<OnlineStudyBuilder> change) {
        return change.apply(OnlineStudyBuilder.builder(this)).build();
    }
}
