package org.preferencelearning.gpt2.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.TrainableRewardModel;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;

/**
 * GPT-2 as a reward model: a linear head without bias on the hidden state of the last real token, whatever the padding.
 * Dropout is off unless asked for. Owns native memory until closed. It serves one thread at a time: what another asks for in
 * the meantime, closing included, is refused with a {@link org.preferencelearning.core.error.ConcurrentUseException}, and
 * everything after closing with a {@link org.preferencelearning.core.error.ClosedException}.
 */
public final class Gpt2RewardModel extends Gpt2Model implements TrainableRewardModel {

    private Gpt2RewardModel(
            Gpt2Config config, ParameterStore parameters, Optional<LoraSettings> lora, Computing computing) {
        super(config, parameters, lora, Gpt2Body.TOKEN_EMBEDDING, computing);
    }

    private static Gpt2RewardModel of(
            Gpt2Config config, Map<String, INDArray> tensors, ParameterSelection trained, Computing computing) {
        return new Gpt2RewardModel(config, Gpt2Parameters.store(config, tensors, trained), Optional.empty(), computing);
    }

    /** A reward model with the body of {@code policy}, copied, and a fresh head; all of it is trained. */
    public static Gpt2RewardModel from(Gpt2Policy policy, RandomSource random) {
        return from(policy, random, ParameterSelection.all());
    }

    /**
     * A reward model with the body of {@code policy}, copied, and a fresh head.
     *
     * @throws org.preferencelearning.core.error.SettingException if the selection names what the model has not
     */
    public static Gpt2RewardModel from(Gpt2Policy policy, RandomSource random, ParameterSelection trained) {
        Map<String, INDArray> tensors = policy.mergedCopies();
        Optional.ofNullable(tensors.remove(Gpt2Parameters.OUTPUT_HEAD)).ifPresent(INDArray::close);
        tensors.put(Gpt2Parameters.SCORE, Gpt2Parameters.initialScore(policy.config(), random));
        return of(policy.config(), tensors, trained, policy.computing());
    }

    /**
     * A reward model from a folder in Hugging Face's layout: its {@code config.json} and weights.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if a file is missing or not what it should be
     */
    public static Gpt2RewardModel load(Path folder, ParameterSelection trained) {
        Gpt2RewardModel model = load(Gpt2Config.readFolder(folder), folder, trained);
        model.tokenizerFrom(folder);
        return model;
    }

    /**
     * A reward model from a folder in Hugging Face's layout that holds a classifier of several labels: the score of one is
     * the reward, those of the others are left out.
     *
     * @param label from 0
     * @throws org.preferencelearning.core.error.PreferenceException if a file is missing or not what it should be, or has no
     *     such label
     */
    public static Gpt2RewardModel load(Path folder, ParameterSelection trained, int label) {
        SettingException.requireAtLeast("label", label, 0);
        Gpt2Config config = Gpt2Config.readFolder(folder);
        Gpt2RewardModel model = of(config, Gpt2Parameters.read(config, folder, label), trained, Computing.standard());
        model.tokenizerFrom(folder);
        return model;
    }

    /**
     * A reward model with the weights of a file (safetensors or PyTorch's {@code .bin}), of an index of shards, or of a
     * folder; {@code score.weight} among them.
     *
     * @param trained which parameters are trained; the others are frozen
     * @throws org.preferencelearning.core.error.MemoryException if there is no memory for the weights
     * @throws org.preferencelearning.gpt2.weights.WeightsFormatException if a tensor is missing, of another shape or not finite
     * @throws org.preferencelearning.core.error.SettingException if the selection names what the model has not
     */
    public static Gpt2RewardModel load(Gpt2Config config, Path file, ParameterSelection trained) {
        return of(config, Gpt2Parameters.read(config, file, true), trained, Computing.standard());
    }

    /** A reward model with copies of this one's weights, adapters merged into them. */
    public Gpt2RewardModel copy(ParameterSelection trained) {
        return of(config, mergedCopies(), trained, computing());
    }

    /** A reward model with copies of this one's weights and fresh adapters; these and the head are trained. */
    public Gpt2RewardModel withLora(LoraSettings settings, RandomSource random) {
        return adapted(settings, Adapters.initial(config, settings, random));
    }

    /**
     * A reward model with copies of this one's weights, and the adapters and head of a folder that {@link #saveAdapter} or
     * the peft library wrote; these are trained.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if a file is missing or not what it should be
     */
    public Gpt2RewardModel withAdapter(Path folder) {
        AdapterConfig adapter = AdapterFolder.readConfig(folder, config, true);
        return adapted(adapter.lora(), AdapterFolder.readTensors(folder, config, adapter, true));
    }

    /**
     * A reward model from the folder of a model and the adapters of another, which bring the head where the model has none, as
     * adapters of a classifier do in the peft library; these are trained.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if a file is missing or not what it should be, or neither
     *     has a head
     */
    public static Gpt2RewardModel load(Path folder, Path adapterFolder) {
        Gpt2Config config = Gpt2Config.readFolder(folder);
        boolean hasHead = HuggingFaceWeights.hasScore(folder);
        if (!hasHead
                && !AdapterFolder.readConfig(adapterFolder, config, true)
                        .saved()
                        .contains(Gpt2Parameters.SCORE)) {
            throw new DataFormatException(
                    folder.toString(),
                    0,
                    "it has no tensor '" + Gpt2Parameters.SCORE + "', and the adapters of " + adapterFolder
                            + " bring none: there is no reward");
        }
        Map<String, INDArray> tensors =
                hasHead ? Gpt2Parameters.read(config, folder, true) : Gpt2Parameters.readBody(config, folder);
        try (Gpt2RewardModel base = of(config, tensors, ParameterSelection.none(), Computing.standard())) {
            base.tokenizerFrom(folder);
            return base.withAdapter(adapterFolder);
        }
    }

    private Gpt2RewardModel adapted(LoraSettings settings, Map<String, INDArray> trained) {
        return new Gpt2RewardModel(
                config,
                Gpt2Parameters.store(
                        replaced(mergedCopies(), trained),
                        name -> trained.containsKey(name) || name.equals(Gpt2Parameters.SCORE)),
                Optional.of(settings),
                computing());
    }

    /**
     * Drops values at random in every {@link #forward} from now on, where transformers' GPT-2 does; {@link #rewards} are not
     * affected. The public code trains reward models so, with 0.1 ({@code rm_trainer.py}); a policy that is compared with a
     * reference must not.
     *
     * @param probability that a value is dropped, 0 to below 1
     * @throws org.preferencelearning.core.error.SettingException if it is not
     */
    public void dropout(double probability, RandomSource random) {
        parameters.use("a change of its dropout", () -> {
            beginEvaluation();
            engine().dropout(new Dropout(probability, random));
        });
    }

    @Override
    ObjectNode configJson() {
        ObjectNode json = config.toJson();
        json.putArray("architectures").add("GPT2ForSequenceClassification");
        json.put("num_labels", 1);
        json.putObject("id2label").put("0", "LABEL_0");
        json.putObject("label2id").put("LABEL_0", 0);
        // transformers refuses batches of a classifier that does not know its padding
        config.ends().stream().findFirst().ifPresent(end -> json.put("pad_token_id", end));
        return json;
    }

    @Override
    String taskType() {
        return "SEQ_CLS";
    }

    /**
     * {@inheritDoc}
     *
     * @throws org.preferencelearning.core.error.NonFiniteException if one is not finite
     */
    @Override
    public double[] rewards(List<TokenSequence> sequences) {
        return parameters.use("scoring", () -> {
            beginEvaluation();
            return ScoringBatches.score("the reward", sequences, part -> {
                TokenBatch batch = TokenBatch.of(part, config);
                return engine().rewards(batch, false);
            });
        });
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return parameters.use("a forward pass", () -> {
            int evaluation = beginEvaluation();
            TokenBatch batch = engine().batch(sequences);
            double[] rewards = engine().rewards(batch, true);
            return new OnePass(rewards, parameters, () -> isCurrent(evaluation), upstream -> {
                beginEvaluation();
                engine().addGradientOfRewards(batch, upstream);
            });
        });
    }

    @Override
    public void close() {
        parameters.close(() -> engine().close());
    }
}
