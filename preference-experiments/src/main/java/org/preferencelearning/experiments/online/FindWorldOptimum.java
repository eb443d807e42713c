package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.experiments.world.WorldOptimum;
import org.preferencelearning.experiments.world.WorldReward;

/**
 * The best policy of a world, with its own text as reference.
 *
 * @param world the world
 * @param maximised the reward that it is best for
 * @param truth the reward that it is measured by
 * @param groups groups of words that it tells apart
 * @param beta strength of the regularisation
 */
record FindWorldOptimum(SparseTextWorld world, WorldReward maximised, WorldReward truth, int groups, double beta)
        implements Measuring {
    FindWorldOptimum {
        requireNonNull(world, "world");
        requireNonNull(maximised, "maximised");
        requireNonNull(truth, "truth");
    }

    @Override
    public Measurements run(TaskContext context) {
        WorldOptimum best = WorldOptimum.ofGroups(world, groups, maximised, truth, beta);
        return Measurements.builder()
                .add(OnlineMetrics.OWN_REWARD, best.reward(), "reward")
                .add(OnlineMetrics.EXACT_KL, best.divergence(), "nats")
                .add(OnlineMetrics.VALUE, best.reward() - beta * best.divergence(), "reward")
                .build(0);
    }

    @Override
    public boolean small() {
        return true;
    }

    @Override
    public String label() {
        return "best policy of a world";
    }
}
