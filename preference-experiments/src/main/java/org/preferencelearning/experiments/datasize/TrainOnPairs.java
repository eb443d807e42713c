package org.preferencelearning.experiments.datasize;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.core.train.PairObjective;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.experiments.internal.tasks.EncodedPairs;
import org.preferencelearning.experiments.internal.tasks.FineTune;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.internal.tasks.ReferenceScores;
import org.preferencelearning.experiments.internal.tasks.ScoreReference;
import org.preferencelearning.experiments.internal.tasks.ScoreReference.Part;
import org.preferencelearning.experiments.internal.tasks.StudyData;
import org.preferencelearning.experiments.internal.tasks.Training;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.PairLearner;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * One cell of a data-size study: a method trained on the first pairs of the training part and measured on the held-out ones.
 *
 * @param base what it starts from
 * @param pairs the study's pairs
 * @param reference scores of the training pairs and of all held-out pairs, in this order; empty where the method needs none, or
 *     others than of whole responses
 * @param method how it learns
 * @param trained which parameters of a policy it trains
 * @param size how many pairs
 * @param evaluation when it is evaluated, and which of its models counts
 * @param measures what is measured
 * @param seed of the order of pairs, of new parameters and of dropout
 */
record TrainOnPairs(
        FineTune base,
        LoadPairs pairs,
        List<ScoreReference> reference,
        MethodSpec method,
        ParameterSelection trained,
        int size,
        EvaluationSpec evaluation,
        List<Measure> measures,
        long seed)
        implements Measuring {
    /** Held-out pairs evaluated at once. */
    private static final int BATCH = 64;

    TrainOnPairs {
        requireNonNull(base, "base");
        requireNonNull(pairs, "pairs");
        reference = ImmutableList.copyOf(reference);
        requireNonNull(method, "method");
        requireNonNull(trained, "trained");
        SettingException.requireAtLeast("sizes", size, 1);
        requireNonNull(evaluation, "evaluation");
        measures = ImmutableList.copyOf(measures);
    }

    @Override
    public void check(TaskContext context) {
        int most = context.get(pairs).train().size();
        SettingException.require(size <= most, "sizes", size, "at most " + most + ", the pairs of the training part");
        method.training().requireMoves(size);
        if (method instanceof MethodSpec.RewardModelMethod rewarding) {
            base.requireFits(rewarding.trained(), true, context);
        } else {
            base.requireFits(trained, false, context);
        }
        if (base.model() instanceof ModelSpec.Fresh fresh) {
            int positions = fresh.config().positions();
            SettingException.require(
                    method.tokenization().maxLength() <= positions,
                    "maxLength",
                    method.tokenization().maxLength() + " of " + method.label(),
                    "at most " + positions + ", the model's positions");
        }
    }

    @Override
    public Measurements run(TaskContext context) {
        StudyData data = context.get(pairs);
        EncodedPairs training = EncodedPairs.of(data, Part.TRAINING, size, method.tokenization());
        EncodedPairs heldOut = EncodedPairs.of(data, Part.HELD_OUT, ScoreReference.ALL, method.tokenization());
        RandomSource random = RandomSource.of(seed);
        Gpt2Policy policy = context.get(base);
        if (method instanceof MethodSpec.DirectMethod direct) {
            try (Gpt2Policy copy = policy.copy(trained)) {
                return measured(
                        context,
                        new PreferenceObjective(
                                copy, reference(context, policy, direct.loss(), training, heldOut), direct.loss()),
                        training,
                        heldOut);
            }
        }
        if (method instanceof MethodSpec.OwnMethod own) {
            try (Gpt2Policy copy = policy.copy(trained)) {
                PairLearner learner = own.method().learner(copy, ReferencePolicy.of(policy), random.stream("own"));
                return measured(
                        context, learner.objective(), pairs -> learner.evaluate(pairs, BATCH), training, heldOut);
            }
        }
        MethodSpec.RewardModelMethod rewarding = (MethodSpec.RewardModelMethod) method;
        try (Gpt2RewardModel model = Gpt2RewardModel.from(policy, random.stream("score"), rewarding.trained())) {
            if (rewarding.dropout() > 0) {
                model.dropout(rewarding.dropout(), random.stream("dropout"));
            }
            return measured(context, new RewardObjective(model, rewarding.loss()), training, heldOut);
        }
    }

    /** What the fine-tuned policy says of both parts; it is asked for nothing else. */
    private ReferencePolicy reference(
            TaskContext context, Gpt2Policy policy, PreferenceLoss loss, EncodedPairs training, EncodedPairs heldOut) {
        List<TokenPair> scored = Stream.concat(training.pairs().stream(), heldOut.pairs().stream())
                .toList();
        if (reference.isEmpty()) {
            return ReferenceScores.of(policy, scored, loss);
        }
        List<Double> sums = Stream.concat(
                        context.get(reference.get(0)).sums().stream(), context.get(reference.get(1)).sums().stream())
                .toList();
        return new ReferenceScores(sums).of(scored);
    }

    private Measurements measured(
            TaskContext context, PairObjective<?> objective, EncodedPairs training, EncodedPairs heldOut) {
        return measured(context, objective, pairs -> objective.evaluatePairs(pairs, BATCH), training, heldOut);
    }

    private Measurements measured(
            TaskContext context,
            TrainingObjective<TokenPair> objective,
            Function<List<TokenPair>, PairEvaluation> evaluate,
            EncodedPairs training,
            EncodedPairs heldOut) {
        Measurements.Builder found = Measurements.builder(heldOut.rows())
                .add("trained_pairs", training.pairs().size(), "pairs")
                .leftOut("training", training.rejected())
                .add("measured_pairs", heldOut.pairs().size(), "pairs")
                .leftOut("held_out", heldOut.rejected());
        try (HeldOutEvaluation evaluating =
                new HeldOutEvaluation(objective.model(), () -> evaluate.apply(heldOut.pairs()), evaluation, measures)) {
            double seconds = Training.of(context, label(), RandomSource.of(seed))
                    .run(objective, training.pairs(), method.training(), evaluating);
            evaluating.addTo(found);
            return found.build(seconds);
        }
    }

    @Override
    public String label() {
        return method.label() + ", " + size + " pairs, seed " + seed;
    }
}
