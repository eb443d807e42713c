package org.preferencelearning.gpt2.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.torch.TorchDevice;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;
import org.preferencelearning.gpt2.weights.ModelFolder;

/**
 * What a policy and a reward model share: parameters, the transformer's body, and which forward pass is the last one. One
 * thread at a time may use a model; see {@link ParameterStore#use}.
 */
abstract class Gpt2Model implements Trainable {
    private static final String SAVING = "saving it";

    final Gpt2Config config;
    final ParameterStore parameters;
    final Optional<LoraSettings> lora;
    private final String head;
    private Engine engine;
    private Computing computing = Computing.EXACT;
    private Optional<Path> tokenizer = Optional.empty();
    private int evaluations;

    /**
     * @param head name of the parameter that turns hidden states into logits
     * @param computing where and how exactly it computes, if it is in float32
     */
    Gpt2Model(
            Gpt2Config config,
            ParameterStore parameters,
            Optional<LoraSettings> lora,
            String head,
            Computing computing) {
        this.config = config;
        this.parameters = parameters;
        this.lora = lora;
        this.head = head;
        this.engine = new HostEngine(config, parameters, lora, head);
        if (type() == DataType.FLOAT) {
            try {
                choose(computing);
            } catch (PreferenceException e) {
                parameters.close(engine::close);
                throw e;
            }
        }
    }

    private void choose(Computing wanted) {
        if (wanted.device().isTorch()) {
            device(wanted.device());
        }
        if (wanted.precision() != MatrixPrecision.FLOAT32) {
            precision(wanted.precision());
        }
    }

    /** Of the parameters. */
    DataType type() {
        return parameters.get(Gpt2Body.TOKEN_EMBEDDING).type();
    }

    /** What computes the passes. */
    Engine engine() {
        return engine;
    }

    /** Where the model computes. */
    public ComputeDevice device() {
        return computing.device();
    }

    /** Where and how exactly it computes. */
    public Computing computing() {
        return computing;
    }

    /**
     * Moves the model, with the gradients that it has: it computes there from now on, in {@link MatrixPrecision#FLOAT32} until
     * told otherwise. Optimisers must be made after that. Dropout is off and forgotten.
     *
     * @throws SettingException if it is for libtorch and the model is not in float32
     * @throws org.preferencelearning.core.error.DeviceException if libtorch or the device is not there, or has no memory for
     *     the model; it then computes on the processor
     */
    public void device(ComputeDevice target) {
        SettingException.require(
                !target.isTorch() || type() == DataType.FLOAT,
                "device",
                target,
                "cpu for a model that is not in float32");
        Optional<TorchDevice> torch = target.isTorch() ? Optional.of(target.torch()) : Optional.empty();
        parameters.use("a change of its device", () -> {
            beginEvaluation();
            engine.close();
            computing = Computing.EXACT;
            engine = new HostEngine(config, parameters, lora, head);
            parameters.moveTo(torch.map(to -> to));
            torch.ifPresent(to -> engine = new TorchEngine(config, parameters, lora, head, to));
            computing = Computing.EXACT.withDevice(target);
        });
    }

    /** The model's shape. */
    public Gpt2Config config() {
        return config;
    }

    /** Where the time of this model's kernels goes, in training, scoring and sampling. */
    public KernelClock clock() {
        return engine.clock();
    }

    /**
     * Chooses what the factors of products with weights are rounded to from now on, in training, scoring and sampling.
     * Weights, sums, attention and everything that an optimiser keeps stay in float32.
     *
     * @throws SettingException if the processor or the model's type does not have it
     */
    public void precision(MatrixPrecision precision) {
        engine.requirePrecision(precision);
        parameters.use("a change of its precision", () -> {
            beginEvaluation();
            engine.precision(precision);
            computing = computing.withPrecision(precision);
        });
    }

    /** The adapters, if the model has any. */
    public Optional<LoraSettings> lora() {
        return lora;
    }

    @Override
    public ParameterStore parameters() {
        return parameters;
    }

    @Override
    public int maxLength() {
        return config.positions();
    }

    @Override
    public void check(TokenSequence sequence) {
        TokenBatch.check(sequence, config);
    }

    @Override
    public Stateful trainingState() {
        return engine.trainingState();
    }

    /**
     * Writes the folder that transformers' {@code from_pretrained} reads, replacing it as a whole; adapters are merged into
     * the weights. Tokenizer files are those of the folder that the model was loaded from, or else refer to GPT-2's.
     *
     * @throws OutputException if the folder cannot be written, or holds what this library did not write
     */
    public void save(Path folder) {
        save(folder, ModelFolder.SHARD_BYTES);
    }

    /**
     * As {@link #save(Path)}, with shards and their index where a file would be larger.
     *
     * @param shardBytes largest weights file, at least 1
     */
    public void save(Path folder, long shardBytes) {
        parameters.use(SAVING, () -> {
            try (Tensors tensors = mergedView()) {
                ModelFolder.write(folder, configJson(), tensors.byName(), tokenizer, shardBytes);
            }
        });
    }

    /** Writes the weights alone, as one safetensors file in Hugging Face's names; adapters are merged. */
    public void saveWeights(Path file) {
        parameters.use(SAVING, () -> {
            try (Tensors tensors = mergedView()) {
                HuggingFaceWeights.write(file, tensors.byName());
            }
        });
    }

    /**
     * Writes the adapters as a folder that the peft library reads.
     *
     * @throws IllegalStateException if there are none
     * @throws OutputException if the folder cannot be written, or holds what this library did not write
     */
    public void saveAdapter(Path folder) {
        LoraSettings settings = lora.orElseThrow(() -> new IllegalStateException("the model has no adapters to save"));
        parameters.use(SAVING, () -> AdapterFolder.write(folder, config, settings, parameters, taskType()));
    }

    /** Content of {@code config.json}. */
    abstract ObjectNode configJson();

    /** What peft calls the kind of model. */
    abstract String taskType();

    void tokenizerFrom(Path folder) {
        tokenizer = Optional.of(folder);
    }

    /** Begins a use of the buffers, which ends every pass before it; returns the number of this use. Only in a use. */
    int beginEvaluation() {
        parameters.computeDeferredGradients();
        return ++evaluations;
    }

    /** Whether no use began after that one. */
    boolean isCurrent(int evaluation) {
        return evaluation == evaluations;
    }

    /** New tensors of the weights, adapters merged into them. */
    Map<String, INDArray> mergedCopies() {
        return parameters.use("copying its weights", () -> {
            List<Parameter> weights = parameters.all().stream()
                    .filter(parameter -> !LoraSettings.isAdapter(parameter.name()))
                    .toList();
            requireMemory(weights, type());
            Map<String, INDArray> copies = new LinkedHashMap<>();
            weights.forEach(parameter -> copies.put(parameter.name(), Adapters.merged(parameter, parameters, lora)));
            return copies;
        });
    }

    /** Throws unless there is memory for copies of parameters. */
    static void requireMemory(List<Parameter> copied, DataType type) {
        long values = copied.stream().mapToLong(Parameter::length).sum();
        AvailableMemory.require("a copy of a model of " + values + " parameters", values * type.width());
    }

    /** The weights with some put in the place of others or beside them; takes over all of them. */
    static Map<String, INDArray> replaced(Map<String, INDArray> tensors, Map<String, INDArray> by) {
        by.forEach((name, tensor) -> {
            INDArray before = tensors.put(name, tensor);
            if (before != null) {
                before.close();
            }
        });
        return tensors;
    }

    /** The weights by name; copies only where adapters are merged into them. */
    private Tensors mergedView() {
        return lora.isPresent()
                ? new Tensors(mergedCopies(), true)
                : new Tensors(Gpt2Parameters.values(parameters), false);
    }

    private record Tensors(Map<String, INDArray> byName, boolean owned) implements AutoCloseable {
        @Override
        public void close() {
            if (owned) {
                byName.values().forEach(INDArray::close);
            }
        }
    }
}
