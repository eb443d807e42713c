package org.preferencelearning.experiments.sparse;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;

/**
 * A study of how the error of rewards and policies falls with the number of pairs when the true reward is sparse. An inert
 * value; each of its methods returns a changed copy.
 *
 * @param name what it is called
 * @param world the world; a new instance is drawn for each seed
 * @param sizes numbers of pairs
 * @param seeds of features, weights and pairs
 * @param estimators what is compared
 * @param claims what is expected of their errors, judged at each size
 */
public record SampleComplexityStudy(
        String name,
        DualTokenWorld world,
        List<Integer> sizes,
        List<Long> seeds,
        List<Estimator> estimators,
        List<ErrorClaim> claims) {

    public SampleComplexityStudy {
        requireNonNull(name, "name");
        requireNonNull(world, "world");
        sizes = ImmutableList.copyOf(sizes);
        seeds = ImmutableList.copyOf(seeds);
        estimators = ImmutableList.copyOf(estimators);
        claims = ImmutableList.copyOf(claims);
        SettingException.requireDistinct("sizes", sizes);
        sizes.forEach(size -> SettingException.requireAtLeast("sizes", size, 2));
        SettingException.requireDistinct("seeds", seeds);
        SettingException.requireDistinct("compare", estimators);
    }

    /** The standard world; 500 to 8,000 pairs; seeds 41 to 44; every estimator. */
    public static SampleComplexityStudy of(String name) {
        return new SampleComplexityStudy(
                name,
                DualTokenWorld.standard(),
                List.of(500, 1000, 2000, 4000, 8000),
                List.of(41L, 42L, 43L, 44L),
                List.of(Estimator.values()),
                List.of());
    }

    /** The same study in another world. */
    public SampleComplexityStudy world(DualTokenWorld world) {
        return new SampleComplexityStudy(name, world, sizes, seeds, estimators, claims);
    }

    /** The same study with these numbers of pairs. */
    public SampleComplexityStudy sizes(int... sizes) {
        return new SampleComplexityStudy(name, world, Ints.asList(sizes), seeds, estimators, claims);
    }

    /** The same study with these seeds. */
    public SampleComplexityStudy seeds(long... seeds) {
        return new SampleComplexityStudy(name, world, sizes, Longs.asList(seeds), estimators, claims);
    }

    /** The same study of these estimators. */
    public SampleComplexityStudy compare(Estimator... estimators) {
        return new SampleComplexityStudy(name, world, sizes, seeds, List.of(estimators), claims);
    }

    /** The same study that also expects this. */
    public SampleComplexityStudy expect(ErrorClaim... more) {
        return new SampleComplexityStudy(
                name,
                world,
                sizes,
                seeds,
                estimators,
                ImmutableList.<ErrorClaim>builder().addAll(claims).add(more).build());
    }

    /** Runs every cell, on all processors; a cell depends on its own size, seed and estimator alone. */
    public SampleComplexityResult run() {
        List<Cell> cells = new ArrayList<>();
        for (int size : sizes) {
            for (long seed : seeds) {
                for (Estimator estimator : estimators) {
                    cells.add(new Cell(size, seed, estimator));
                }
            }
        }
        return new SampleComplexityResult(
                this, cells.parallelStream().map(this::outcome).toList());
    }

    private SampleComplexityResult.Outcome outcome(Cell cell) {
        RandomSource random = RandomSource.of(cell.seed);
        DualTokenWorld.Instance instance = world.draw(random.stream("world"));
        DualTokenWorld.Pairs pairs = instance.sample(cell.size, random.stream("pairs"));
        PairLikelihood likelihood = new PairLikelihood(instance, pairs, cell.estimator.implicit());
        double[] theta = cell.estimator.estimate(likelihood, cell.size, world.sparsity());
        return new SampleComplexityResult.Outcome(
                cell.size,
                cell.seed,
                cell.estimator,
                likelihood.error(theta),
                instance.valueGap(likelihood.scores(theta)));
    }

    private record Cell(int size, long seed, Estimator estimator) {}
}
