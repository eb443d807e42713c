package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * A method's policy, trained until its exact value rests, and measured exactly.
 *
 * @param settings what is done
 * @param reference where it starts, and from which it is kept
 * @param reward one that was fitted, if the method needs it; else none
 * @param learningRate at the beginning of each round, before the class's factor
 */
record TrainArm(ArmSettings settings, MakeReference reference, List<FitReward> reward, double learningRate)
        implements Measuring {
    /** Ends of searches whose values differ by less have found the same. */
    private static final double AGREEMENT = 1e-2;

    /** How far random starts move the logits, in standard deviations. */
    private static final double START = 2;

    TrainArm {
        requireNonNull(settings, "settings");
        requireNonNull(reference, "reference");
        reward = ImmutableList.copyOf(reward);
    }

    @Override
    public Measurements run(TaskContext context) {
        Population population = reference.population(context.get(reference), settings.beta());
        Measurements.Builder found = Measurements.builder();
        double[][] own = population.reward();
        if (!reward.isEmpty()) {
            FittedReward fitted = context.get(reward.get(0));
            own = fitted.rewards();
            found.add(DualTokenStudy.REWARD_EXCESS, fitted.excess(), "nats");
        }
        int starts = settings.method().severalStarts() ? settings.starts() : 1;
        List<Search> searches = new ArrayList<>();
        for (int start = 0; start < starts; start++) {
            searches.add(search(context, population, own, start));
        }
        // searches are told apart by the reward that they maximise, which may be a wrong one
        Search best = searches.stream()
                .max((one, other) -> Double.compare(one.own, other.own))
                .orElseThrow();
        best.curve.forEach(point -> found.add(DualTokenStudy.VALUE, point.updates, point.value, "reward")
                .add(DualTokenStudy.COVERAGE, point.updates, point.coverage, "nats"));
        long updates = best.end.updates();
        double value = population.value(best.log, population.reward());
        found.add(DualTokenStudy.REWARD, updates, population.expected(best.log, population.reward()), "reward")
                .add(DualTokenStudy.KL, updates, population.divergence(best.log), "nats")
                .add(DualTokenStudy.OPTIMUM_GAP, updates, population.optimum() - value, "reward")
                .add(DualTokenStudy.MOVED, updates, best.end.moved(), "reward")
                .add(
                        DualTokenStudy.LEARNING_RATE,
                        updates,
                        learningRate * settings.policies().rateFactor(),
                        "");
        if (starts > 1) {
            long agreeing = searches.stream()
                    .filter(search -> search.own > best.own - AGREEMENT)
                    .count();
            found.add(DualTokenStudy.STARTS, updates, starts, "starts")
                    .add(DualTokenStudy.AGREEING, updates, agreeing, "starts");
        }
        return found.build(0);
    }

    private Search search(TaskContext context, Population population, double[][] own, int start) {
        try (Gpt2Policy policy = context.get(reference).copy(settings.policies().trained())) {
            if (start > 0) {
                scatter(policy, reference.random().stream("start " + start));
            }
            WordPolicy table = new WordPolicy(reference.world(), policy);
            List<Point> curve = new ArrayList<>();
            Best best = new Best();
            DualTokenMethod.Slope slope = settings.method()
                    .start(new DualTokenMethod.Given(
                            population, own, settings.rollouts(), reference.random().stream("rollouts")));
            Ascent.End end = new Ascent(
                            settings.rounds(),
                            learningRate * settings.policies().rateFactor(),
                            context)
                    .run(
                            label(),
                            policy.parameters(),
                            () -> {
                                double[][] log = table.logProbabilities();
                                table.backward(
                                        CheckedTable.require(settings.method().label(), slope.at(log), log));
                            },
                            updates -> {
                                double[][] log = table.logProbabilities();
                                best.offer(log, population.value(log, own));
                                Point point = point(population, updates, log);
                                curve.add(point);
                                return point.value;
                            });
            if (settings.method().severalStarts()) {
                double[][] log = requireNonNull(best.log, "log");
                curve.set(curve.size() - 1, point(population, end.updates(), log));
                return new Search(log, best.own, end, curve);
            }
            double[][] log = table.logProbabilities();
            return new Search(log, population.value(log, own), end, curve);
        }
    }

    private static Point point(Population population, long updates, double[][] log) {
        return new Point(updates, population.value(log, population.reward()), population.coverage(log));
    }

    /** Moves what is trained at random: so far that logits change, as the embeddings of words see it. */
    private static void scatter(Gpt2Policy policy, RandomSource random) {
        for (Parameter parameter : policy.parameters().trained()) {
            INDArray value = parameter.value();
            double size = parameter.name().equals("ln_f.bias")
                    ? START
                            / (policy.parameters()
                                            .get("wte.weight")
                                            .value()
                                            .norm2Number()
                                            .doubleValue()
                                    / Math.sqrt(policy.config().vocabulary()))
                    : value.norm2Number().doubleValue() / Math.sqrt(value.length()) / 2;
            double[] moves = new double[(int) value.length()];
            for (int i = 0; i < moves.length; i++) {
                moves[i] = size * random.nextGaussian();
            }
            try (INDArray doubles = Nd4j.createFromArray(moves);
                    INDArray cast = doubles.castTo(value.dataType())) {
                value.addi(cast.reshape(value.shape()));
            }
        }
    }

    @Override
    public String label() {
        return settings.method().label() + ", " + settings.policies().label() + ", seed " + reference.seed();
    }

    /**
     * After some updates.
     *
     * @param value under the true reward
     * @param coverage of the optimum
     */
    private record Point(long updates, double value, double coverage) {}

    /**
     * What one ascent found: of a search the best end of a round, otherwise its end.
     *
     * @param log of its policy
     * @param own value under the reward that it maximised
     * @param end how
     * @param curve of the true value
     */
    private record Search(double[][] log, double own, Ascent.End end, List<Point> curve) {}

    /** What a search has found: a round may leave a place that is better than where it goes. */
    private static final class Best {
        private double @Nullable [][] log;
        private double own = Double.NEGATIVE_INFINITY;

        void offer(double[][] log, double own) {
            if (own > this.own) {
                this.log = log;
                this.own = own;
            }
        }
    }
}
