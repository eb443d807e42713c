package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.experiments.internal.tasks.EncodedPairs;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.internal.tasks.ScoreReference;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * Share of held-out pairs that a reward ranks as labelled; ties count half.
 *
 * @param reward which
 * @param pairs the study's pairs
 * @param tokenization how they become tokens
 */
record RateReward(PrepareReward reward, LoadPairs pairs, Tokenization tokenization) implements Measuring {
    RateReward {
        requireNonNull(reward, "reward");
        requireNonNull(pairs, "pairs");
        requireNonNull(tokenization, "tokenization");
    }

    @Override
    public Measurements run(TaskContext context) {
        EncodedPairs encoded =
                EncodedPairs.of(context.get(pairs), ScoreReference.Part.HELD_OUT, ScoreReference.ALL, tokenization);
        List<TokenPair> heldOut = encoded.pairs();
        Judge judge = context.get(reward);
        double[] chosen = judge.rewards(heldOut.stream().map(TokenPair::chosen).toList());
        double[] rejected =
                judge.rewards(heldOut.stream().map(TokenPair::rejected).toList());
        double[] right = IntStream.range(0, chosen.length)
                .mapToDouble(i -> (Double.compare(chosen[i], rejected[i]) + 1) / 2.0)
                .toArray();
        return Measurements.builder(encoded.rows())
                .mean(OnlineMetrics.ACCURACY, 0, right, "")
                .build(0);
    }

    @Override
    public String label() {
        return "accuracy of a reward";
    }
}
