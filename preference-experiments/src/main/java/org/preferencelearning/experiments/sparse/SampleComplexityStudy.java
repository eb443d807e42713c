package org.preferencelearning.experiments.sparse;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Described;

/**
 * A study of how the error of rewards and policies falls with the number of pairs when the true reward is sparse. An inert
 * value; each of its methods returns a changed copy.
 *
 * @param name what it is called
 * @param world the world; a new instance is drawn for each seed
 * @param sizes numbers of pairs
 * @param seeds of features, weights and pairs
 * @param methods what is compared
 * @param claims what is expected of their errors, judged at each size
 */
public record SampleComplexityStudy(
        String name,
        DualTokenWorld world,
        List<Integer> sizes,
        List<Long> seeds,
        List<SparseMethod> methods,
        List<Claim> claims)
        implements Study {
    /** Squared data-induced semi-norm of the error: mean squared error of reward differences over the pairs. */
    public static final String ERROR = "error";
    /** Natural logarithm of the error; differences of it are log ratios of errors. */
    public static final String LOG_ERROR = "log_error";
    /** Optimum less the true value of the policy that the estimate leads to. */
    public static final String VALUE_GAP = "value_gap";

    private static final List<String> METRICS = List.of(ERROR, LOG_ERROR, VALUE_GAP);

    public SampleComplexityStudy {
        requireNonNull(name, "name");
        requireNonNull(world, "world");
        sizes = ImmutableList.copyOf(sizes);
        seeds = ImmutableList.copyOf(seeds);
        methods = ImmutableList.copyOf(methods);
        methods.forEach(method -> Described.require("compare", method, SparseMethod.class));
        claims = ImmutableList.copyOf(claims);
        SettingException.requireDistinct("sizes", sizes);
        sizes.forEach(size -> SettingException.requireAtLeast("sizes", size, 2));
        SettingException.requireDistinct("seeds", seeds);
        SettingException.requireDistinct(
                "compare", methods.stream().map(SparseMethod::label).toList());
        Claim.requireAnswerable(claims, METRICS, coordinates(sizes, seeds, methods));
    }

    @Override
    public List<String> metrics() {
        return METRICS;
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return coordinates(sizes, seeds, methods);
    }

    private static Map<String, List<String>> coordinates(
            List<Integer> sizes, List<Long> seeds, List<SparseMethod> methods) {
        return ImmutableMap.of(
                CellId.SIZE, sizes.stream().map(String::valueOf).toList(),
                CellId.METHOD, methods.stream().map(SparseMethod::label).toList(),
                CellId.SEED, seeds.stream().map(String::valueOf).toList());
    }

    @Override
    public List<Cell> cells(Contents contents) {
        List<Cell> cells = new ArrayList<>();
        for (int size : sizes) {
            for (SparseMethod method : methods) {
                for (long seed : seeds) {
                    cells.add(new Cell(
                            CellId.of(CellId.SIZE, size)
                                    .and(CellId.METHOD, method.label())
                                    .and(CellId.SEED, seed),
                            new FitSparsely(world, method, size, seed)));
                }
            }
        }
        return cells;
    }

    /** The standard world; 500 to 8,000 pairs; seeds 41 to 44; every estimator. */
    public static SampleComplexityStudy of(String name) {
        return new SampleComplexityStudy(
                name,
                DualTokenWorld.standard(),
                List.of(500, 1000, 2000, 4000, 8000),
                List.of(41L, 42L, 43L, 44L),
                known(Estimator.values()),
                List.of());
    }

    /** The same study in another world. */
    public SampleComplexityStudy world(DualTokenWorld world) {
        return new SampleComplexityStudy(name, world, sizes, seeds, methods, claims);
    }

    /** The same study with these numbers of pairs. */
    public SampleComplexityStudy sizes(int... sizes) {
        return new SampleComplexityStudy(name, world, Ints.asList(sizes), seeds, methods, claims);
    }

    /** The same study with these seeds. */
    public SampleComplexityStudy seeds(long... seeds) {
        return new SampleComplexityStudy(name, world, sizes, Longs.asList(seeds), methods, claims);
    }

    /** The same study of these estimators. */
    public SampleComplexityStudy compare(Estimator... estimators) {
        return compare(known(estimators).toArray(SparseMethod[]::new));
    }

    /** The same study of these methods, some of them your own. */
    public SampleComplexityStudy compare(SparseMethod... methods) {
        return new SampleComplexityStudy(name, world, sizes, seeds, List.of(methods), claims);
    }

    private static List<SparseMethod> known(Estimator... estimators) {
        return Arrays.stream(estimators).<SparseMethod>map(KnownMethod::new).toList();
    }

    /** The same study that also expects this. */
    public SampleComplexityStudy expect(Claim... more) {
        return new SampleComplexityStudy(
                name,
                world,
                sizes,
                seeds,
                methods,
                ImmutableList.<Claim>builder().addAll(claims).add(more).build());
    }

    /** The same study without expectations. */
    public SampleComplexityStudy withoutClaims() {
        return new SampleComplexityStudy(name, world, sizes, seeds, methods, List.of());
    }

    /** That one estimator has a smaller error than another, at every size. */
    public static Claim smallerError(Estimator smaller, Estimator larger, String source) {
        return Claim.smaller(LOG_ERROR, CellId.method(smaller.label()), CellId.method(larger.label()), source);
    }
}
