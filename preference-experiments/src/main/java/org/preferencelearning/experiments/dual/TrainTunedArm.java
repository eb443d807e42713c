package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * {@link TrainArm} with a learning rate that was chosen.
 *
 * @param rate which
 * @param settings what is done
 * @param reference where it starts
 * @param reward one that was fitted, if the method needs it; else none
 */
record TrainTunedArm(ChooseRate rate, ArmSettings settings, MakeReference reference, List<FitReward> reward)
        implements Measuring {
    TrainTunedArm {
        requireNonNull(rate, "rate");
        requireNonNull(settings, "settings");
        requireNonNull(reference, "reference");
        reward = ImmutableList.copyOf(reward);
    }

    @Override
    public Measurements run(TaskContext context) {
        double learningRate = context.get(rate).learningRate();
        return new TrainArm(settings, reference, reward, learningRate).run(context);
    }

    @Override
    public String label() {
        return settings.method().label() + ", " + settings.policies().label() + ", seed " + reference.seed();
    }
}
