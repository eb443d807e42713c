package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.internal.tasks.PolicyCodec;
import org.preferencelearning.experiments.internal.tasks.ReferenceScores;
import org.preferencelearning.experiments.internal.tasks.Training;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.NotInKey;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One iteration's training of a policy on annotated pairs.
 *
 * @param start the policy that it begins from
 * @param reference the policy that it is kept close to
 * @param data the pairs, of one iteration or of all so far
 * @param scores the reference's of the data, where the loss asks for those of whole responses; else none
 * @param loss what training makes small
 * @param trained which parameters are trained
 * @param training how
 * @param iteration counted from 1
 * @param seed of the order of pairs
 * @param cell what it is a part of, for people; of cells that share it, the first
 */
record OnlineIteration(
        Task<Gpt2Policy> start,
        Task<Gpt2Policy> reference,
        List<DrawPairs> data,
        List<ScoreDrawn> scores,
        PreferenceLoss loss,
        ParameterSelection trained,
        TrainingSettings training,
        int iteration,
        long seed,
        @NotInKey String cell)
        implements Task<Gpt2Policy> {
    private static final Logger LOG = LoggerFactory.getLogger(OnlineIteration.class);

    OnlineIteration {
        requireNonNull(start, "start");
        requireNonNull(reference, "reference");
        data = ImmutableList.copyOf(data);
        scores = ImmutableList.copyOf(scores);
        requireNonNull(loss, "loss");
        requireNonNull(trained, "trained");
        requireNonNull(training, "training");
        requireNonNull(cell, "cell");
    }

    @Override
    public void check(TaskContext context) {
        data.get(0).reference().requireFits(trained, false, context);
        training.requireMoves(
                data.stream().mapToInt(drawn -> drawn.of().count()).sum());
    }

    @Override
    public Gpt2Policy run(TaskContext context) {
        List<TokenPair> pairs = data.stream()
                .flatMap(drawn -> context.get(drawn).pairs().stream())
                .toList();
        if (pairs.isEmpty()) {
            // where all rewards are equal there is nothing to learn from
            return context.get(start).copy(ParameterSelection.none());
        }
        ReferencePolicy scored = ScoreDrawn.serves(loss)
                ? ReferenceScores.joined(scores.stream().map(context::get).toList())
                        .of(pairs)
                : ReferenceScores.of(context.get(reference), pairs, loss);
        try (Gpt2Policy policy = context.get(start).copy(trained)) {
            Training.of(context, label(), RandomSource.of(seed))
                    .run(new PreferenceObjective(policy, scored, loss), pairs, fitting(pairs.size()));
            // without gradients
            return policy.copy(ParameterSelection.none());
        }
    }

    /** Ties may leave so few pairs that there would be no update after the warm-up. */
    private TrainingSettings fitting(int pairs) {
        TrainingSettings settings = training.fitting(pairs);
        if (!settings.equals(training)) {
            LOG.warn(
                    "{}: {} pairs make {} updates; the warm-up of {} is shortened to {}",
                    label(),
                    pairs,
                    settings.totalSteps(pairs),
                    training.warmupSteps(),
                    settings.warmupSteps());
        }
        return settings;
    }

    /** The seed of an iteration's order. */
    static long seed(long cellSeed, int iteration) {
        return RandomSource.of(cellSeed).stream("order " + iteration).nextLong();
    }

    @Override
    public Codec<Gpt2Policy> codec() {
        return new PolicyCodec();
    }

    @Override
    public String label() {
        return cell + ", iteration " + iteration;
    }
}
