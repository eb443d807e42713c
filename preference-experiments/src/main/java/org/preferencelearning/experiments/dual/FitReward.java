package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * The first stage of RLHF: the reward of a class with the largest likelihood over all pairs of the reference policy, labelled
 * by the exact preferences.
 *
 * @param reference where its weights start, and whose pairs are labelled
 * @param rewards the class
 * @param policies whose implicit rewards it holds, where it is that class
 * @param beta of implicit rewards
 * @param rounds how long it is trained
 * @param learningRate at the beginning of each round
 */
record FitReward(
        MakeReference reference,
        RewardClass rewards,
        PolicyClass policies,
        double beta,
        Rounds rounds,
        double learningRate)
        implements Task<FittedReward> {
    FitReward {
        requireNonNull(reference, "reference");
        requireNonNull(rewards, "rewards");
        requireNonNull(policies, "policies");
        requireNonNull(rounds, "rounds");
    }

    @Override
    public FittedReward run(TaskContext context) {
        Gpt2Policy policy = context.get(reference);
        Population population = reference.population(policy, beta);
        return rewards == RewardClass.IMPLICIT
                ? implicit(context, policy, population)
                : modelled(context, policy, population);
    }

    private FittedReward modelled(TaskContext context, Gpt2Policy policy, Population population) {
        ParameterSelection trained =
                rewards == RewardClass.HEAD ? ParameterSelection.onlyHead() : ParameterSelection.all();
        try (Gpt2RewardModel model = Gpt2RewardModel.from(policy, reference.random().stream("reward head"), trained)) {
            WordReward table = new WordReward(reference.world(), model, rewards == RewardClass.FIRST_WORD);
            Ascent.End end = new Ascent(rounds, learningRate, context)
                    .run(
                            label(),
                            model.parameters(),
                            () -> table.backward(population.preferenceGradient(
                                    table.rewards(), Sampler.REFERENCE, population.referenceLog())),
                            updates -> population.preferenceLoss(table.rewards()));
            return fitted(population, table.rewards(), end);
        }
    }

    private FittedReward implicit(TaskContext context, Gpt2Policy policy, Population population) {
        try (Gpt2Policy trained = policy.copy(policies.trained())) {
            WordPolicy table = new WordPolicy(reference.world(), trained);
            Ascent.End end = new Ascent(rounds, learningRate * policies.rateFactor(), context)
                    .run(
                            label(),
                            trained.parameters(),
                            () -> table.backward(
                                    population.directGradient(table.logProbabilities(), Sampler.REFERENCE)),
                            updates -> population.preferenceLoss(population.implicitReward(table.logProbabilities())));
            return fitted(population, population.implicitReward(table.logProbabilities()), end);
        }
    }

    private static FittedReward fitted(Population population, double[][] rewards, Ascent.End end) {
        double floor = population.preferenceLoss(population.reward());
        return new FittedReward(rewards, population.preferenceLoss(rewards) - floor, end.updates(), end.moved());
    }

    @Override
    public Codec<FittedReward> codec() {
        return Codec.json(FittedReward.class);
    }

    @Override
    public String label() {
        return rewards.label() + ", seed " + reference.seed();
    }
}
