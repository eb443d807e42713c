package org.preferencelearning.gpt2.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.TrainableRewardModel;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;

/**
 * GPT-2 as a reward model: a linear head without bias on the hidden state of the last real token, whatever the padding.
 * Dropout is off. Not thread-safe; owns native memory until closed.
 */
public final class Gpt2RewardModel extends Gpt2Model implements TrainableRewardModel {

    private Gpt2RewardModel(Gpt2Config config, ParameterStore parameters) {
        super(config, parameters);
    }

    /** A reward model with the body of {@code policy}, copied, and a fresh head; all of it is trained. */
    public static Gpt2RewardModel from(Gpt2Policy policy, RandomSource random) {
        Gpt2Config config = policy.config();
        Map<String, INDArray> tensors = Gpt2Parameters.copies(policy.parameters(), Gpt2Parameters.bodyNames(config));
        tensors.put(Gpt2Parameters.SCORE, Gpt2Parameters.initialScore(config, random));
        return new Gpt2RewardModel(config, Gpt2Parameters.store(tensors, name -> true));
    }

    /**
     * A reward model with the weights of a safetensors file, sharded or single, or of a folder; {@code score.weight} among
     * them.
     *
     * @param trained names (without {@code transformer.}) of the parameters to train; the others are frozen
     * @throws org.preferencelearning.gpt2.weights.WeightsFormatException if a tensor is missing or of another shape
     */
    public static Gpt2RewardModel load(Gpt2Config config, Path file, Predicate<String> trained) {
        return new Gpt2RewardModel(
                config,
                Gpt2Parameters.store(HuggingFaceWeights.read(file, Gpt2Parameters.shapes(config, true)), trained));
    }

    @Override
    public double[] rewards(List<TokenSequence> sequences) {
        beginEvaluation();
        return ScoringBatches.score(sequences, part -> {
            TokenBatch batch = TokenBatch.of(part, config);
            return evaluate(batch, body.forward(batch, false));
        });
    }

    private double[] evaluate(TokenBatch batch, INDArray hidden) {
        INDArray weight = parameters.get(Gpt2Parameters.SCORE).value().getRow(0);
        double[] rewards = new double[batch.rows()];
        for (int row = 0; row < rewards.length; row++) {
            rewards[row] = Nd4j.getBlasWrapper().dot(hidden.getRow(lastPosition(batch, row)), weight);
        }
        return rewards;
    }

    private static int lastPosition(TokenBatch batch, int row) {
        return row * batch.length() + batch.sequences().get(row).length() - 1;
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        int evaluation = beginEvaluation();
        TokenBatch batch = TokenBatch.of(sequences, config);
        double[] rewards = evaluate(batch, body.forward(batch, true));
        return new OnePass(rewards, () -> isCurrent(evaluation), upstream -> {
            beginEvaluation();
            backward(batch, upstream);
        });
    }

    private void backward(TokenBatch batch, double[] upstream) {
        Parameter score = parameters.get(Gpt2Parameters.SCORE);
        INDArray hidden = body.hidden(batch);
        INDArray hiddenGradient = body.hiddenGradient(batch).assign(0);
        for (int row = 0; row < upstream.length; row++) {
            int position = lastPosition(batch, row);
            add(hiddenGradient.getRow(position), score.value().getRow(0), upstream[row]);
            if (score.trained()) {
                add(score.gradient().getRow(0), hidden.getRow(position), upstream[row]);
            }
        }
        body.backward(batch);
    }

    private static void add(INDArray to, INDArray vector, double factor) {
        try (INDArray scaled = vector.mul(factor)) {
            to.addi(scaled);
        }
    }

    @Override
    public void close() {
        body.close();
        parameters.close();
    }
}
