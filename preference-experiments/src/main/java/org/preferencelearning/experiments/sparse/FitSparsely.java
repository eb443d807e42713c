package org.preferencelearning.experiments.sparse;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * One estimate of a sparse reward, or of a policy, from labelled pairs of a world.
 *
 * @param world the world; its instance is drawn
 * @param method how
 * @param size number of pairs, at least 2
 * @param seed of world and pairs
 */
record FitSparsely(DualTokenWorld world, SparseMethod method, int size, long seed) implements Measuring {
    FitSparsely {
        requireNonNull(world, "world");
        requireNonNull(method, "method");
        SettingException.requireAtLeast("sizes", size, 2);
    }

    @Override
    public Measurements run(TaskContext context) {
        RandomSource random = RandomSource.of(seed);
        DualTokenWorld.Instance instance = world.draw(random.stream("world"));
        DualTokenWorld.Pairs pairs = instance.sample(size, random.stream("pairs"));
        PairLikelihood likelihood = new PairLikelihood(instance, pairs, method.implicit());
        double[] theta = method.estimate(likelihood, size, world.sparsity());
        SettingException.require(
                theta.length == likelihood.parameters() && Arrays.stream(theta).allMatch(Double::isFinite),
                method.label(),
                theta.length + " numbers",
                likelihood.parameters() + " finite numbers");
        double error = likelihood.error(theta);
        return Measurements.builder()
                .add(SampleComplexityStudy.ERROR, error, "squared reward")
                .add(SampleComplexityStudy.LOG_ERROR, Math.log(error), "")
                .add(SampleComplexityStudy.VALUE_GAP, instance.valueGap(likelihood.scores(theta)), "reward")
                .build(0);
    }

    @Override
    public boolean small() {
        return true;
    }

    @Override
    public String label() {
        return method.label() + ", " + size + " pairs, seed " + seed;
    }
}
