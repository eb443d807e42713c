package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * A reward that a GPT-2 learns from a finite sample, measured exactly. A tenth of the pairs, every tenth, tells after which
 * round it was best; the others are trained on, all of them at each update.
 *
 * @param method what learns
 * @param reference where weights start, and whose pairs are labelled
 * @param size number of pairs, at least 20
 * @param trainedPrompts how many prompts they are about; the others are new to it
 * @param noise probability that a label is turned round
 * @param beta of implicit rewards and of values
 * @param rounds how long it is trained
 * @param learningRate at the beginning of each round
 */
record LearnFromPairs(
        DualTokenSampleMethod method,
        MakeReference reference,
        int size,
        int trainedPrompts,
        double noise,
        double beta,
        Rounds rounds,
        double learningRate)
        implements Measuring {
    private static final int TENTH = 10;

    LearnFromPairs {
        requireNonNull(method, "method");
        requireNonNull(reference, "reference");
        requireNonNull(rounds, "rounds");
    }

    @Override
    public Measurements run(TaskContext context) {
        Gpt2Policy policy = context.get(reference);
        Population population = reference.population(policy, beta);
        PairSample pairs = PairSample.draw(population, size, trainedPrompts, noise, reference.random().stream("pairs"));
        double[][] scores = scores(context, policy, population, pairs);
        double[][] reward = population.reward();
        double error = pairs.error(scores, reward);
        double[][] optimum = population.best(reward);
        Measurements.Builder found = Measurements.builder()
                .add(DualTokenSampleStudy.ERROR, error, "squared reward")
                .add(DualTokenSampleStudy.LOG_ERROR, Math.log(error), "")
                .add(
                        DualTokenSampleStudy.ACCURACY,
                        population.accuracy(scores, population.referenceLog(), 0, trainedPrompts),
                        "")
                .add(DualTokenSampleStudy.SHIFTED_ACCURACY, population.accuracy(scores, optimum, 0, trainedPrompts), "")
                .add(
                        DualTokenSampleStudy.OPTIMUM_GAP,
                        population.optimum() - population.value(population.best(scores), reward),
                        "reward");
        if (trainedPrompts < population.prompts()) {
            found.add(
                    DualTokenSampleStudy.NEW_PROMPTS_ACCURACY,
                    population.accuracy(scores, population.referenceLog(), trainedPrompts, population.prompts()),
                    "");
        }
        return found.build(0);
    }

    private double[][] scores(TaskContext context, Gpt2Policy policy, Population population, PairSample pairs) {
        if (method == SampleMethod.REWARD_HEAD || method == SampleMethod.REWARD_HEAD_L1) {
            return headOnly(policy, pairs);
        }
        return method.implicit()
                ? implicit(context, policy, population, pairs)
                : modelled(context, policy, population, pairs);
    }

    private double[][] modelled(TaskContext context, Gpt2Policy policy, Population population, PairSample pairs) {
        try (Gpt2RewardModel model =
                Gpt2RewardModel.from(policy, reference.random().stream("reward head"), ParameterSelection.all())) {
            WordReward table = new WordReward(reference.world(), model, false);
            return learn(context, model.parameters(), method.start(population), pairs, table::rewards, table::backward);
        }
    }

    private double[][] headOnly(Gpt2Policy policy, PairSample pairs) {
        try (Gpt2RewardModel model =
                Gpt2RewardModel.from(policy, reference.random().stream("reward head"), ParameterSelection.none())) {
            return SparseHead.of(reference.world(), model)
                    .fit(pairs.every(TENTH, false), pairs.every(TENTH, true), method == SampleMethod.REWARD_HEAD_L1);
        }
    }

    private double[][] implicit(TaskContext context, Gpt2Policy policy, Population population, PairSample pairs) {
        try (Gpt2Policy trained = policy.copy(ParameterSelection.all())) {
            WordPolicy table = new WordPolicy(reference.world(), trained);
            return learn(
                    context,
                    trained.parameters(),
                    method.start(population),
                    pairs,
                    () -> population.implicitReward(table.logProbabilities()),
                    gradient -> table.backward(Population.scaled(gradient, beta)));
        }
    }

    /** The scores after the round that was best on the pairs that were held out. */
    private double[][] learn(
            TaskContext context,
            ParameterStore parameters,
            DualTokenSampleMethod.Fit fit,
            PairSample pairs,
            Supplier<double[][]> scores,
            Consumer<double[][]> backward) {
        PairSample training = pairs.every(TENTH, false);
        PairSample heldOut = pairs.every(TENTH, true);
        double[][][] best = {null};
        double[] lowest = {Double.POSITIVE_INFINITY};
        new Ascent(rounds, learningRate, context)
                .run(label(), parameters, () -> backward.accept(gradient(fit, training, scores.get())), updates -> {
                    double[][] now = scores.get();
                    double loss = fit.loss(heldOut, now);
                    SettingException.require(
                            Double.isFinite(loss), method.label(), loss, "a finite loss of held-out pairs");
                    if (loss < lowest[0]) {
                        lowest[0] = loss;
                        best[0] = now;
                    }
                    return loss;
                });
        return best[0];
    }

    private double[][] gradient(DualTokenSampleMethod.Fit fit, PairSample training, double[][] scores) {
        return CheckedTable.require(method.label(), fit.gradient(training, scores), scores);
    }

    @Override
    public String label() {
        return method.label() + ", " + size + " pairs, seed " + reference.seed();
    }
}
