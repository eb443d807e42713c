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
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.memory.AvailableMemory;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.state.Stateful;
import org.preferencelearning.gpt2.compile.KernelClock;
import org.preferencelearning.gpt2.compile.MatrixPrecision;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
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
    final Gpt2Body body;
    private Optional<Path> tokenizer = Optional.empty();
    private int evaluations;

    Gpt2Model(Gpt2Config config, ParameterStore parameters, Optional<LoraSettings> lora) {
        this.config = config;
        this.parameters = parameters;
        this.lora = lora;
        this.body = new Gpt2Body(config, parameters, lora);
    }

    /** The model's shape. */
    public Gpt2Config config() {
        return config;
    }

    /** Where the time of this model's kernels goes, in training, scoring and sampling. */
    public KernelClock clock() {
        return body.clock();
    }

    /**
     * Chooses what the factors of products with weights are rounded to from now on, in training, scoring and sampling.
     * Weights, sums, attention and everything that an optimiser keeps stay in float32.
     *
     * @throws SettingException if the processor or the model's type does not have it
     */
    public void precision(MatrixPrecision precision) {
        SettingException.require(
                precision == MatrixPrecision.FLOAT32 || precision.available() && body.type() == DataType.FLOAT,
                "precision",
                precision,
                "FLOAT32; BFLOAT16 needs a model in float32 and a processor with AVX-512 BF16");
        parameters.use("a change of its precision", () -> {
            beginEvaluation();
            changePrecision(precision);
        });
    }

    /** What {@link #precision} changes. */
    void changePrecision(MatrixPrecision precision) {
        body.precision(precision);
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
        return body.trainingState();
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
            requireMemory(weights, body.type());
            Map<String, INDArray> copies = new LinkedHashMap<>();
            weights.forEach(parameter -> copies.put(parameter.name(), Adapters.merged(parameter, parameters, lora)));
            return copies;
        });
    }

    /** Throws unless there is memory for copies of parameters. */
    static void requireMemory(List<Parameter> copied, DataType type) {
        long values = copied.stream()
                .mapToLong(parameter -> parameter.value().length())
                .sum();
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
