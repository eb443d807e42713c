package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Described;

/**
 * Section 4 of arXiv 2505.19770 with a GPT-2 in a world that can be summed over: how well a reward model and DPO's implicit
 * reward know the true one after so many pairs, measured without samples. An inert value; each of its methods returns a changed
 * copy.
 *
 * @param name what it is called
 * @param world what responses are worth: sparse where few of its words are rewarded and nothing else is, dense otherwise
 * @param model shape of the GPT-2
 * @param beta of implicit rewards and of values, above 0
 * @param methods what is compared
 * @param sizes numbers of pairs, at least 20
 * @param seeds of worlds, weights and pairs
 * @param trainedPrompts how many prompts pairs are about, 1 to the world's; the others are new
 * @param noise probability that a label is turned round, 0 to below a half
 * @param rounds how long each model is trained
 * @param learningRate at the beginning of each round, above 0
 * @param claims what is expected, judged at each size
 */
@RecordBuilder
@RecordBuilder.Options(
        enableWither = false,
        builderClassModifiers = {})
public record DualTokenSampleStudy(
        String name,
        DualTokenText world,
        WordModel model,
        double beta,
        List<DualTokenSampleMethod> methods,
        List<Integer> sizes,
        List<Long> seeds,
        int trainedPrompts,
        double noise,
        Rounds rounds,
        double learningRate,
        List<Claim> claims)
        implements Study {
    /** Squared data-induced semi-norm of the error: mean squared error of reward differences over the pairs. */
    public static final String ERROR = "error";
    /** Natural logarithm of the error; differences of it are log ratios of errors. */
    public static final String LOG_ERROR = "log_error";
    /** Probability that of two responses of the reference policy, of unequal true reward, the better one is told. */
    public static final String ACCURACY = "accuracy";
    /** The same of two responses of the best policy: responses have shifted to where they are good. */
    public static final String SHIFTED_ACCURACY = "accuracy/optimal_responses";
    /** The same of two responses of the reference policy to prompts that no pair was about. */
    public static final String NEW_PROMPTS_ACCURACY = "accuracy/new_prompts";
    /** Optimum less the true value of the best policy under what was learned. */
    public static final String OPTIMUM_GAP = "optimum_gap";

    private static final List<String> METRICS =
            List.of(ACCURACY, ERROR, LOG_ERROR, OPTIMUM_GAP, SHIFTED_ACCURACY, NEW_PROMPTS_ACCURACY);

    private static final int FEWEST_PAIRS = 20;
    private static final int MOST_PAIRS = 10_000_000;

    public DualTokenSampleStudy {
        requireNonNull(name, "name");
        requireNonNull(world, "world");
        requireNonNull(model, "model");
        SettingException.requirePositive("beta", beta);
        methods = ImmutableList.copyOf(methods);
        methods.stream()
                .filter(method -> !(method instanceof SampleMethod))
                .forEach(method -> Described.require("compare", method, DualTokenSampleMethod.class));
        SettingException.requireDistinct(
                "compare", methods.stream().map(DualTokenSampleMethod::label).toList());
        sizes = ImmutableList.copyOf(sizes);
        SettingException.requireDistinct("sizes", sizes);
        sizes.forEach(size -> SettingException.require(
                size >= FEWEST_PAIRS && size <= MOST_PAIRS, "sizes", size, FEWEST_PAIRS + " to " + MOST_PAIRS));
        seeds = ImmutableList.copyOf(seeds);
        SettingException.requireDistinct("seeds", seeds);
        SettingException.require(
                trainedPrompts >= 1 && trainedPrompts <= world.prompts(),
                "trainedPrompts",
                trainedPrompts,
                "1 to " + world.prompts() + ", the world's prompts");
        SettingException.require(noise >= 0 && noise < 0.5, "noise", noise, "0 to below 0.5");
        requireNonNull(rounds, "rounds");
        SettingException.requirePositive("learningRate", learningRate);
        claims = ImmutableList.copyOf(claims);
        Claim.requireAnswerable(claims, METRICS, coordinates(methods, sizes, seeds));
    }

    /**
     * A sparse world of 12 words of which 3 are rewarded, 4 prompts of which 2 are trained on; every method; 100 to
     * 12,800 pairs, each twice the one before; seeds 41 to 50.
     */
    public static DualTokenSampleStudy of(String name) {
        return new DualTokenSampleStudy(
                name,
                new DualTokenText(12, 4, 3, 2, 0, 0),
                WordModel.standard(),
                0.25,
                List.of(SampleMethod.values()),
                List.of(100, 200, 400, 800, 1600, 3200, 6400, 12_800),
                LongStream.rangeClosed(41, 50).boxed().toList(),
                2,
                0,
                new Rounds(10, 40, 1e-7),
                3e-3,
                List.of());
    }

    @Override
    public List<String> metrics() {
        return METRICS;
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return coordinates(methods, sizes, seeds);
    }

    private static Map<String, List<String>> coordinates(
            List<DualTokenSampleMethod> methods, List<Integer> sizes, List<Long> seeds) {
        return ImmutableMap.of(
                CellId.SIZE, sizes.stream().map(String::valueOf).toList(),
                CellId.METHOD,
                        methods.stream().map(DualTokenSampleMethod::label).toList(),
                CellId.SEED, seeds.stream().map(String::valueOf).toList());
    }

    @Override
    public List<Cell> cells(Contents contents) {
        List<Cell> cells = new ArrayList<>();
        for (int size : sizes) {
            for (DualTokenSampleMethod method : methods) {
                for (long seed : seeds) {
                    cells.add(new Cell(
                            CellId.of(CellId.SIZE, size)
                                    .and(CellId.METHOD, method.label())
                                    .and(CellId.SEED, seed),
                            new LearnFromPairs(
                                    method,
                                    MakeReference.of(world, model, seed),
                                    size,
                                    trainedPrompts,
                                    noise,
                                    beta,
                                    rounds,
                                    learningRate)));
                }
            }
        }
        return cells;
    }

    /** A copy to be changed. */
    private DualTokenSampleStudyBuilder copy() {
        return DualTokenSampleStudyBuilder.builder(this);
    }

    /** The same study in another world, all of whose prompts are trained on unless {@link #trainedPrompts(int)} says less. */
    public DualTokenSampleStudy world(DualTokenText world) {
        return copy().world(world).trainedPrompts(world.prompts()).build();
    }

    /** The same study of another GPT-2. */
    public DualTokenSampleStudy model(WordModel model) {
        return copy().model(model).build();
    }

    /** The same study of these methods, some of them your own. */
    public DualTokenSampleStudy compare(DualTokenSampleMethod... methods) {
        return copy().methods(List.of(methods)).build();
    }

    /** The same study with these numbers of pairs. */
    public DualTokenSampleStudy sizes(int... sizes) {
        return copy().sizes(Ints.asList(sizes)).build();
    }

    /** The same study with these seeds. */
    public DualTokenSampleStudy seeds(long... seeds) {
        return copy().seeds(Longs.asList(seeds)).build();
    }

    /** The same study with pairs about this many prompts; how well the others are known is then measured too. */
    public DualTokenSampleStudy trainedPrompts(int prompts) {
        return copy().trainedPrompts(prompts).build();
    }

    /** The same study with a share of labels turned round. */
    public DualTokenSampleStudy noise(double noise) {
        return copy().noise(noise).build();
    }

    /** The same study with shorter or longer training. */
    public DualTokenSampleStudy rounds(Rounds rounds) {
        return copy().rounds(rounds).build();
    }

    /** The same study with another learning rate at the beginning of each round. */
    public DualTokenSampleStudy learningRate(double learningRate) {
        return copy().learningRate(learningRate).build();
    }

    /** The same study that also expects this. */
    public DualTokenSampleStudy expect(Claim... more) {
        return copy().claims(
                        ImmutableList.<Claim>builder().addAll(claims).add(more).build())
                .build();
    }

    /** The same study without expectations. */
    public DualTokenSampleStudy withoutClaims() {
        return copy().claims(List.of()).build();
    }

    /** That one method's metric is larger than another's, at every size. */
    public static Claim larger(
            String metric, DualTokenSampleMethod larger, DualTokenSampleMethod smaller, String source) {
        return Claim.larger(metric, CellId.method(larger.label()), CellId.method(smaller.label()), source);
    }

    /** That one method's error is smaller than another's, at every size. */
    public static Claim smallerError(DualTokenSampleMethod smaller, DualTokenSampleMethod larger, String source) {
        return Claim.smaller(LOG_ERROR, CellId.method(smaller.label()), CellId.method(larger.label()), source);
    }
}
