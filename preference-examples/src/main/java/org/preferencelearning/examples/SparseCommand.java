package org.preferencelearning.examples;

import static org.preferencelearning.experiments.dsl.Studies.sampleComplexityStudy;
import static org.preferencelearning.experiments.sparse.SampleComplexityStudy.smallerError;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.sparse.DualTokenWorld;
import org.preferencelearning.experiments.sparse.Estimator;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.CellId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Section 4 without a language model: who needs fewer pairs when the true reward is sparse? */
@Command(
        name = "sparse",
        description = "Compare estimators of rewards and policies in a world with a sparse reward, by number of pairs.")
final class SparseCommand implements Callable<Integer> {
    private static final int BAR = 40;

    /** What a difference of the metric that claims are about means. */
    private static final String RATIOS = String.format(
            "  a difference of log errors is the logarithm of their ratio: -0.69 is half the error, +0.69 twice%n");

    private static final int MOST_FEATURES = 10_000;
    private static final int MOST_PAIRS = 10_000_000;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Option(names = "--sizes", split = ",", description = "Numbers of pairs (default: ${DEFAULT-VALUE}).")
    private List<Integer> sizes = List.of(500, 1000, 2000, 4000, 8000);

    @Option(names = "--seeds", description = "How many seeds, from --seed on (default: ${DEFAULT-VALUE}).")
    private int seeds = 4;

    @Option(names = "--seed", description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(names = "--dimension", description = "Length of a feature vector (default: ${DEFAULT-VALUE}).")
    private int dimension = 60;

    @Option(names = "--sparsity", description = "Entries of the reward that are not 0 (default: ${DEFAULT-VALUE}).")
    private int sparsity = 3;

    @Option(
            names = "--sweep",
            description = "Also vary the sparsity at 2,000 pairs and draw where sparsity stops paying.")
    private boolean sweep;

    @Option(names = "--cost", description = "Also measure how the time of an estimate grows with pairs and dimension.")
    private boolean cost;

    @Mixin
    private StudyRunOptions run;

    SparseCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        SettingException.require(
                dimension >= 2 && dimension <= MOST_FEATURES, "--dimension", dimension, "2 to " + MOST_FEATURES);
        SettingException.require(
                sparsity >= 1 && sparsity <= dimension,
                "--sparsity",
                sparsity,
                "1 to " + dimension + ", the dimension");
        for (int size : sizes) {
            SettingException.require(size >= 2 && size <= MOST_PAIRS, "--sizes", size, "2 to " + MOST_PAIRS);
        }
        SampleComplexityStudy study = sampleComplexityStudy("sparse")
                .world(new DualTokenWorld(dimension, sparsity, 400, 1, 0))
                .sizes(sizes.stream().mapToInt(Integer::intValue).toArray())
                .seeds(seedList())
                .expect(
                        smallerError(Estimator.REWARD_REFIT, Estimator.POLICY_L1, "paper, Section 4, in words"),
                        smallerError(Estimator.REWARD_L1, Estimator.POLICY_L1, "paper, Section 4, in words"),
                        smallerError(Estimator.REWARD_DENSE, Estimator.POLICY_DENSE, "nobody: the control"));
        StudyResult result = run.run(study);
        List<String> parts = new ArrayList<>(List.of(
                ResultTable.answers(result), errors(result), values(result), ResultTable.claims(result) + RATIOS));
        if (sweep) {
            parts.add(sweep(study));
        }
        if (cost) {
            parts.add(cost());
        }
        output.result(String.join(System.lineSeparator(), parts) + run.place(), json(result), options.json);
        return Preference.DONE;
    }

    private long[] seedList() {
        return Seeds.from(seed, seeds);
    }

    /** The table of errors with the fitted slopes. */
    static String errors(StudyResult result) {
        SampleComplexityStudy study = (SampleComplexityStudy) result.study();
        List<Integer> sizes = study.sizes();
        int dimension = study.world().dimension();
        int sparsity = study.world().sparsity();
        int seeds = study.seeds().size();
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "Dual-token world (reconstructed), d = %d, k = %d, %d seed(s).%n"
                        + "Mean squared error of reward differences over the observed pairs; +/- is a standard error.%n%n",
                dimension,
                sparsity,
                seeds));
        text.append(String.format("%6s", "n"));
        for (Estimator estimator : Estimator.values()) {
            text.append(String.format(" %19s", estimator.label()));
        }
        text.append(String.format(" %10s %10s%n", "k log d/n", "d/n"));
        for (int size : sizes) {
            text.append(String.format("%6d", size));
            for (Estimator estimator : Estimator.values()) {
                text.append(String.format(
                        " %19s", meanAndError(result.summary(cells(estimator, size), SampleComplexityStudy.ERROR))));
            }
            text.append(String.format(
                    Locale.ROOT, " %10.4f %10.4f%n", sparsity * Math.log(dimension) / size, dimension / (double) size));
        }
        Rates rates = rates(result);
        if (!rates.slopes().isEmpty()) {
            text.append(String.format("%6s", "slope"));
            for (Estimator estimator : Estimator.values()) {
                text.append(String.format(" %19s", rates.of(estimator.label())));
            }
            text.append(String.format(" %10s %10s%n", "-1", "-1"));
        }
        return text.toString();
    }

    private String values(StudyResult result) {
        StringBuilder text =
                new StringBuilder("Value lost by the policy that each estimate leads to (optimum minus its value)\n\n");
        for (int size : sizes) {
            text.append(String.format("%6d", size));
            for (Estimator estimator : Estimator.values()) {
                text.append(String.format(
                        " %19s",
                        meanAndError(result.summary(cells(estimator, size), SampleComplexityStudy.VALUE_GAP))));
            }
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static CellId cells(Estimator estimator, int size) {
        return CellId.method(estimator.label()).and(CellId.SIZE, size);
    }

    /** Ratio of the sparse estimators' errors as the reward becomes dense; a bar as long as the ratio, 1 at its end. */
    private String sweep(SampleComplexityStudy study) {
        int n = 2000;
        StringBuilder text = new StringBuilder(
                String.format("Error of RLHF l1 over that of DPO l1 at n = %d, by k/d; the bar ends at 1%n%n", n));
        for (int k : new int[] {1, 3, 6, 12, 24, 40, 60}) {
            int clipped = Math.min(k * dimension / 60, dimension);
            DualTokenWorld world = new DualTokenWorld(dimension, Math.max(1, clipped), 400, 1, 0);
            StudyResult result = Runners.inMemory()
                    .run(study.withoutClaims()
                            .world(world)
                            .sizes(n)
                            .compare(Estimator.REWARD_L1, Estimator.POLICY_L1)
                            .expect(smallerError(Estimator.REWARD_L1, Estimator.POLICY_L1, "reconstructed")));
            double ratio = Math.exp(result.judgements().get(0).difference());
            int length = (int) Math.round(BAR * Math.min(1.5, ratio));
            text.append(String.format(
                    Locale.ROOT,
                    "  k/d = %.3f  %5.2f  %s%n",
                    world.sparsity() / (double) dimension,
                    ratio,
                    "#".repeat(Math.min(length, BAR)) + " ".repeat(Math.max(0, BAR - length)) + "|"
                            + "#".repeat(Math.max(0, length - BAR))));
        }
        return text.toString();
    }

    private String cost() {
        StringBuilder text = new StringBuilder("Seconds of one estimate, by pairs n and dimension d\n\n");
        text.append(String.format("%6s %4s", "n", "d"));
        for (Estimator estimator : Estimator.values()) {
            text.append(String.format(" %14s", estimator.label()));
        }
        text.append(System.lineSeparator());
        for (int d : new int[] {30, 60, 120}) {
            for (int n : new int[] {2000, 8000, 32_000}) {
                text.append(String.format("%6d %4d", n, d));
                for (Estimator estimator : Estimator.values()) {
                    SampleComplexityStudy study = sampleComplexityStudy("cost")
                            .world(new DualTokenWorld(d, sparsity, 400, 1, 0))
                            .sizes(n)
                            .seeds(seed)
                            .compare(estimator);
                    long start = System.nanoTime();
                    Runners.inMemory().run(study);
                    text.append(String.format(Locale.ROOT, " %14.3f", (System.nanoTime() - start) / 1e9));
                }
                text.append(System.lineSeparator());
            }
        }
        return text.toString();
    }

    private static String meanAndError(Summary summary) {
        double error = summary.deviation().orElse(0) / Math.sqrt(summary.count());
        return String.format(Locale.ROOT, "%.4g +/- %.2g", summary.mean(), error);
    }

    private static Rates rates(StudyResult result) {
        List<String> estimators =
                Arrays.stream(Estimator.values()).map(Estimator::label).toList();
        return Rates.of(result, estimators, SampleComplexityStudy.ERROR);
    }

    private static Map<String, Object> json(StudyResult result) {
        Map<String, Object> json = StudyRunOptions.json(result);
        json.put("construction", "reconstructed");
        json.put("slopes", rates(result).json());
        return json;
    }
}
