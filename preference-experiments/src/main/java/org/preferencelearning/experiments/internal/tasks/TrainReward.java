package org.preferencelearning.experiments.internal.tasks;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.OptionalDouble;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;

/**
 * A reward model trained on the first pairs of the training part, perhaps with noise in their labels.
 *
 * @param base what it starts from
 * @param pairs what it learns from
 * @param method how
 * @param count how many pairs, at least 1
 * @param labelNoise probability with which a pair's labels are swapped, 0 to 0.5
 * @param seed of noise, head, dropout and order
 */
public record TrainReward(
        FineTune base, LoadPairs pairs, MethodSpec.RewardModelMethod method, int count, double labelNoise, long seed)
        implements Task<Gpt2RewardModel> {
    public TrainReward {
        requireNonNull(base, "base");
        requireNonNull(pairs, "pairs");
        requireNonNull(method, "method");
        SettingException.requireAtLeast("pairs", count, 1);
    }

    @Override
    public Gpt2RewardModel run(TaskContext context) {
        StudyData data = context.get(pairs);
        Gpt2Policy policy = context.get(base);
        RandomSource random = RandomSource.of(seed);
        List<PreferencePair> noisy =
                noisy(data.train().first(Math.min(count, data.train().size())), random);
        List<TokenPair> encoded = PairTokenizer.encode(
                        new PreferenceDataset(label(), noisy),
                        data.tokenizer(),
                        method.tokenization()
                                .withMaxLength(Math.min(
                                        method.tokenization().maxLength(),
                                        policy.config().positions())))
                .pairs();
        Gpt2RewardModel model = Gpt2RewardModel.from(policy, random.stream("score"), method.trained());
        try {
            if (method.dropout() > 0) {
                model.dropout(method.dropout(), random.stream("dropout"));
            }
            Training.of(context, label(), random)
                    .run(new RewardObjective(model, method.loss()), encoded, method.training());
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private List<PreferencePair> noisy(PreferenceDataset data, RandomSource random) {
        RandomSource noise = random.stream("label noise");
        return data.pairs().stream()
                .map(pair -> noise.nextBernoulli(labelNoise)
                        ? new PreferencePair(
                                pair.prompt(), pair.rejected(), pair.chosen(), OptionalDouble.empty(), pair.weight())
                        : pair)
                .toList();
    }

    @Override
    public Codec<Gpt2RewardModel> codec() {
        return new RewardModelCodec();
    }

    @Override
    public String label() {
        return "reward model on " + count + " pairs";
    }
}
