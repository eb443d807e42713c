package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Longs;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Described;

/**
 * Section 3 of arXiv 2505.19770 with a GPT-2 in a world that can be summed over: every method is trained until its exact
 * regularised value rests, on exact losses. An inert value; each of its methods returns a changed copy.
 *
 * @param name what it is called
 * @param world what responses are worth; words, text and weights are drawn anew for each seed
 * @param model shape of the GPT-2
 * @param beta strength of the regularisation, above 0
 * @param conditions what is mis-specified
 * @param methods what is compared
 * @param seeds of worlds and weights
 * @param rounds how long each model is trained
 * @param learningRates of which one is chosen for each method and class, on {@code tuningSeeds}; where there is only one, it
 *     is taken
 * @param tuningSeeds which are not reported, so that no rate is chosen by what is claimed
 * @param starts of the searches of RLHF and of the best in class
 * @param rollouts responses that methods which draw some, as REINFORCE, draw to each prompt, at least 2
 * @param claims what is expected
 */
@RecordBuilder
@RecordBuilder.Options(
        enableWither = false,
        builderClassModifiers = {})
public record DualTokenStudy(
        String name,
        DualTokenText world,
        WordModel model,
        double beta,
        List<Misspecification> conditions,
        List<DualTokenMethod> methods,
        List<Long> seeds,
        Rounds rounds,
        List<Double> learningRates,
        List<Long> tuningSeeds,
        int starts,
        int rollouts,
        List<Claim> claims)
        implements Study {
    /** Regularised value under the true reward, exact. */
    public static final String VALUE = "value";
    /** Expected true reward, exact. */
    public static final String REWARD = "reward";
    /** Divergence from the reference, exact. */
    public static final String KL = "kl";
    /** The optimum's value less this one's: 0 for the best of all policies. */
    public static final String OPTIMUM_GAP = "optimum_gap";
    /** How badly the policy covers the optimum: {@code log E_{pi*}[pi* / pi]}; 0 for the optimum itself. */
    public static final String COVERAGE = "log_coverage";
    /** By how much the last round of training moved the value; above the tolerance where the rounds were used up. */
    public static final String MOVED = "moved";
    /** Learning rate at the beginning of each round. */
    public static final String LEARNING_RATE = "learning_rate";
    /** Cross-entropy of the fitted reward above that of the true one. */
    public static final String REWARD_EXCESS = "reward_excess";
    /** Starting points of a search. */
    public static final String STARTS = "starts";
    /** How many of them ended at the best value. */
    public static final String AGREEING = "agreeing";

    private static final List<String> METRICS =
            List.of(VALUE, OPTIMUM_GAP, REWARD, KL, COVERAGE, REWARD_EXCESS, MOVED, LEARNING_RATE, STARTS, AGREEING);

    /** Of reward models, which are no arms: far from where AdamW diverges on models this small. */
    private static final double COMMON_RATE = 3e-3;

    /** The tolerance of a cross-entropy, as margins of rewards are about its root. */
    private static final double REWARD_TOLERANCE = 1e-5;

    public DualTokenStudy {
        requireNonNull(name, "name");
        requireNonNull(world, "world");
        requireNonNull(model, "model");
        SettingException.requirePositive("beta", beta);
        conditions = ImmutableList.copyOf(conditions);
        SettingException.requireDistinct("conditions", conditions);
        methods = ImmutableList.copyOf(methods);
        methods.stream()
                .filter(method -> !(method instanceof DualMethod))
                .forEach(method -> Described.require("compare", method, DualTokenMethod.class));
        SettingException.requireDistinct(
                "compare", methods.stream().map(DualTokenMethod::label).toList());
        seeds = ImmutableList.copyOf(seeds);
        SettingException.requireDistinct("seeds", seeds);
        requireNonNull(rounds, "rounds");
        learningRates = ImmutableList.copyOf(learningRates);
        SettingException.requireDistinct("learningRates", learningRates);
        learningRates.forEach(rate -> SettingException.requirePositive("learningRates", rate));
        tuningSeeds = ImmutableList.copyOf(tuningSeeds);
        if (learningRates.size() > 1) {
            SettingException.requireDistinct("tuningSeeds", tuningSeeds);
            List<Long> reported = seeds;
            tuningSeeds.forEach(seed -> SettingException.require(
                    !reported.contains(seed), "tuningSeeds", seed, "seeds that are not reported"));
        } else {
            SettingException.require(
                    tuningSeeds.isEmpty(), "tuningSeeds", tuningSeeds, "none where there is one learning rate");
        }
        SettingException.requireAtLeast("starts", starts, 1);
        SettingException.requireAtLeast("rollouts", rollouts, 2);
        claims = ImmutableList.copyOf(claims);
        Claim.requireAnswerable(claims, METRICS, coordinates(conditions, methods, seeds));
    }

    /**
     * The standard world and model, beta 0.25, every condition and method, seeds 41 to 45; rates 0.001, 0.003 and 0.01 of which
     * one is chosen on seed 1.
     */
    public static DualTokenStudy of(String name) {
        return new DualTokenStudy(
                name,
                DualTokenText.standard(),
                WordModel.standard(),
                0.25,
                List.of(Misspecification.values()),
                List.of(DualMethod.values()),
                List.of(41L, 42L, 43L, 44L, 45L),
                Rounds.standard(),
                List.of(1e-3, 3e-3, 1e-2),
                List.of(1L),
                6,
                8,
                List.of());
    }

    @Override
    public List<String> metrics() {
        return METRICS;
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return coordinates(conditions, methods, seeds);
    }

    private static Map<String, List<String>> coordinates(
            List<Misspecification> conditions, List<DualTokenMethod> methods, List<Long> seeds) {
        return ImmutableMap.of(
                CellId.CONDITION,
                        conditions.stream().map(Misspecification::label).toList(),
                CellId.METHOD, methods.stream().map(DualTokenMethod::label).toList(),
                CellId.SEED, seeds.stream().map(String::valueOf).toList());
    }

    @Override
    public List<Cell> cells(Contents contents) {
        List<Cell> cells = new ArrayList<>();
        for (Misspecification condition : conditions) {
            for (DualTokenMethod method : methods) {
                for (long seed : seeds) {
                    CellId id = CellId.of(CellId.CONDITION, condition.label())
                            .and(CellId.METHOD, method.label())
                            .and(CellId.SEED, seed);
                    cells.add(cell(id, condition, method, seed));
                }
            }
        }
        return cells;
    }

    private Cell cell(CellId id, Misspecification condition, DualTokenMethod method, long seed) {
        if (isInClosedForm(method)) {
            return new Cell(id, new FindBound((DualMethod) method, reference(seed), beta));
        }
        Measuring arm = arm(condition, method, seed);
        return new Cell(
                id, method == DualMethod.BEST_IN_CLASS ? new BestFound(arm, arms(condition.policies(), seed)) : arm);
    }

    private static boolean isInClosedForm(DualTokenMethod method) {
        return method instanceof DualMethod bound && !bound.trains();
    }

    /** All arms that choose from a class, whatever reward they follow. */
    private List<Measuring> arms(PolicyClass policies, long seed) {
        return conditions.stream()
                .filter(condition -> condition.policies() == policies)
                .flatMap(condition -> methods.stream()
                        .filter(method -> !isInClosedForm(method) && method != DualMethod.BEST_IN_CLASS)
                        .map(method -> arm(condition, method, seed)))
                .distinct()
                .toList();
    }

    private Measuring arm(Misspecification condition, DualTokenMethod method, long seed) {
        // a class of few parameters is searched to the end; of the others, ascents say what can be reached
        boolean best = method == DualMethod.BEST_IN_CLASS && condition.policies() == PolicyClass.FINAL_BIAS;
        Rounds trained = best ? rounds.finer() : rounds;
        ArmSettings settings = new ArmSettings(
                method,
                condition.policies(),
                beta,
                trained,
                method.severalStarts() ? starts : 1,
                drawsNothing(method) ? 2 : rollouts);
        if (learningRates.size() == 1) {
            return new TrainArm(settings, reference(seed), reward(condition, method, seed), learningRates.get(0));
        }
        List<TrainArm> trials = new ArrayList<>();
        ArmSettings single = new ArmSettings(method, condition.policies(), beta, rounds, 1, settings.rollouts());
        for (double rate : learningRates) {
            for (long tuning : tuningSeeds) {
                trials.add(new TrainArm(single, reference(tuning), reward(condition, method, tuning), rate));
            }
        }
        return new TrainTunedArm(new ChooseRate(trials), settings, reference(seed), reward(condition, method, seed));
    }

    /** What does not change a result is not in its key. */
    private static boolean drawsNothing(DualTokenMethod method) {
        return method instanceof DualMethod && method != DualMethod.REINFORCE || method instanceof PopulationLoss;
    }

    private MakeReference reference(long seed) {
        return MakeReference.of(world, model, seed);
    }

    private List<FitReward> reward(Misspecification condition, DualTokenMethod method, long seed) {
        if (!method.fitsReward()) {
            return List.of();
        }
        boolean implicit = condition.rewards() == RewardClass.IMPLICIT;
        return List.of(new FitReward(
                reference(seed),
                condition.rewards(),
                implicit ? condition.policies() : PolicyClass.ALL,
                implicit ? beta : 1,
                new Rounds(rounds.updates(), rounds.most(), REWARD_TOLERANCE),
                COMMON_RATE));
    }

    /** A copy to be changed. */
    private DualTokenStudyBuilder copy() {
        return DualTokenStudyBuilder.builder(this);
    }

    /** The same study in another world. */
    public DualTokenStudy world(DualTokenText world) {
        return copy().world(world).build();
    }

    /** The same study of another GPT-2. */
    public DualTokenStudy model(WordModel model) {
        return copy().model(model).build();
    }

    /** The same study with another strength of regularisation. */
    public DualTokenStudy beta(double beta) {
        return copy().beta(beta).build();
    }

    /** The same study under these conditions. */
    public DualTokenStudy under(Misspecification... conditions) {
        return copy().conditions(List.of(conditions)).build();
    }

    /** The same study of these methods, some of them your own. */
    public DualTokenStudy compare(DualTokenMethod... methods) {
        return copy().methods(List.of(methods)).build();
    }

    /** The same study with these seeds. */
    public DualTokenStudy seeds(long... seeds) {
        return copy().seeds(Longs.asList(seeds)).build();
    }

    /** The same study with shorter or longer training. */
    public DualTokenStudy rounds(Rounds rounds) {
        return copy().rounds(rounds).build();
    }

    /** The same study with one learning rate for every arm, and nothing chosen. */
    public DualTokenStudy learningRate(double rate) {
        return copy().learningRates(List.of(rate)).tuningSeeds(List.of()).build();
    }

    /** The same study that chooses among these learning rates, on one seed that is not reported. */
    public DualTokenStudy learningRates(long tuningSeed, double... rates) {
        return copy().learningRates(Doubles.asList(rates))
                .tuningSeeds(List.of(tuningSeed))
                .build();
    }

    /** The same study with searches from this many starts. */
    public DualTokenStudy starts(int starts) {
        return copy().starts(starts).build();
    }

    /** The same study whose methods that draw responses draw this many to each prompt. */
    public DualTokenStudy rollouts(int rollouts) {
        return copy().rollouts(rollouts).build();
    }

    /** The same study that also expects this. */
    public DualTokenStudy expect(Claim... more) {
        return copy().claims(
                        ImmutableList.<Claim>builder().addAll(claims).add(more).build())
                .build();
    }

    /** The same study without expectations. */
    public DualTokenStudy withoutClaims() {
        return copy().claims(List.of()).build();
    }

    /** That one method's value is larger than another's under a condition. */
    public static Claim better(
            Misspecification condition, DualTokenMethod better, DualTokenMethod worse, String source) {
        return Claim.larger(VALUE, id(condition, better), id(condition, worse), source);
    }

    /** That two methods' values differ by at most a margin under a condition. */
    public static Claim equal(
            Misspecification condition, DualTokenMethod one, DualTokenMethod other, double margin, String source) {
        return Claim.equal(VALUE, id(condition, one), id(condition, other), margin, source);
    }

    private static CellId id(Misspecification condition, DualTokenMethod method) {
        return CellId.of(CellId.CONDITION, condition.label()).and(CellId.METHOD, method.label());
    }
}
