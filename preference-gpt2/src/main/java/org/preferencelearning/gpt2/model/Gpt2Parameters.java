package org.preferencelearning.gpt2.model;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;

/** Names, shapes, initial values and training flags of a GPT-2's parameters. */
final class Gpt2Parameters {
    /** Weight of the scalar head of a reward model, {@code [1, width]}. */
    static final String SCORE = "score.weight";

    /** Weight of the output head of a policy whose head is not tied to the token embeddings, {@code [vocabulary, width]}. */
    static final String OUTPUT_HEAD = "lm_head.weight";

    private static final double INITIAL_DEVIATION = 0.02;
    private static final int PIECE = 1 << 20;

    private Gpt2Parameters() {}

    /** The name of a policy's output head. */
    static String head(Gpt2Config config) {
        return config.tiedHead() ? Gpt2Body.TOKEN_EMBEDDING : OUTPUT_HEAD;
    }

    /** Names in order; with the head last: {@code score} where it is scalar, otherwise a policy's, where it is not tied. */
    static Map<String, long[]> shapes(Gpt2Config config, boolean score) {
        long width = config.width();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(Gpt2Body.TOKEN_EMBEDDING, new long[] {config.vocabulary(), width});
        shapes.put(Gpt2Body.POSITION_EMBEDDING, new long[] {config.positions(), width});
        for (String name : TransformerGraph.parameterNames(config)) {
            shapes.put(name, shape(name, width, config.inner()));
        }
        if (score) {
            shapes.put(SCORE, new long[] {1, width});
        } else if (!config.tiedHead()) {
            shapes.put(OUTPUT_HEAD, new long[] {config.vocabulary(), width});
        }
        return shapes;
    }

    private static long[] shape(String name, long width, long inner) {
        if (name.endsWith("c_attn.weight")) {
            return new long[] {width, 3 * width};
        }
        if (name.endsWith("attn.c_proj.weight")) {
            return new long[] {width, width};
        }
        if (name.endsWith("c_fc.weight")) {
            return new long[] {width, inner};
        }
        if (name.endsWith("mlp.c_proj.weight")) {
            return new long[] {inner, width};
        }
        if (name.endsWith("c_attn.bias")) {
            return new long[] {3 * width};
        }
        if (name.endsWith("c_fc.bias")) {
            return new long[] {inner};
        }
        return new long[] {width};
    }

    /**
     * A store of the given tensors, which it takes over.
     *
     * @throws SettingException if the selection names what the model has not; the tensors are then freed
     */
    static ParameterStore store(Gpt2Config config, Map<String, INDArray> tensors, ParameterSelection selection) {
        try {
            return store(tensors, selection.in(config, tensors.keySet()));
        } catch (SettingException e) {
            tensors.values().forEach(INDArray::close);
            throw e;
        }
    }

    /** A store of the given tensors, which it takes over. */
    static ParameterStore store(Map<String, INDArray> tensors, Predicate<String> trained) {
        ParameterStore.Builder store = ParameterStore.builder();
        tensors.forEach((name, tensor) -> store.add(name, tensor, trained.test(name), decayed(name)));
        return store.build();
    }

    private static boolean decayed(String name) {
        return name.endsWith(".weight") && !name.contains("ln_");
    }

    /**
     * Throws unless there is memory for the weights.
     *
     * @throws org.preferencelearning.core.error.MemoryException if there is not
     */
    static void requireMemory(Gpt2Config config) {
        // as a floating-point number, which no shape overflows
        double width = config.width();
        double values =
                (config.vocabulary() + (double) config.positions()) * width + config.layers() * (12 * width * width);
        AvailableMemory.require(
                String.format(
                        Locale.ROOT,
                        "a GPT-2 of n_layer %d, n_embd %d and vocab_size %d",
                        config.layers(),
                        config.width(),
                        config.vocabulary()),
                (long) (values * Float.BYTES));
    }

    /** The weights of a file, once its tensors are those of the configuration and there is memory for them. */
    static Map<String, INDArray> read(Gpt2Config config, Path file, boolean scalarHead) {
        return HuggingFaceWeights.read(file, shapes(config, scalarHead), () -> requireMemory(config));
    }

    /** The body of a file, with a scalar head of zeros. */
    static Map<String, INDArray> readBody(Gpt2Config config, Path file) {
        Map<String, long[]> shapes = shapes(config, true);
        long[] score = shapes.remove(SCORE);
        Map<String, INDArray> tensors = HuggingFaceWeights.read(file, shapes, () -> requireMemory(config));
        tensors.put(SCORE, Nd4j.zeros(DataType.FLOAT, score));
        return tensors;
    }

    /** The same of a reward model that is one label of a classifier. */
    static Map<String, INDArray> read(Gpt2Config config, Path file, int label) {
        return HuggingFaceWeights.read(file, shapes(config, true), OptionalInt.of(label), () -> requireMemory(config));
    }

    /** Hugging Face's initialisation: normal with deviation 0.02, projections into the residual stream scaled down. */
    static Map<String, INDArray> initial(Gpt2Config config, RandomSource random) {
        NativeRuntime.prepare();
        requireMemory(config);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        shapes(config, false).forEach((name, shape) -> {
            INDArray tensor = Nd4j.create(DataType.FLOAT, shape);
            tensors.put(name, tensor);
            if (name.endsWith(".bias")) {
                return;
            }
            if (name.contains("ln_")) {
                tensor.assign(1);
                return;
            }
            double deviation = name.endsWith("c_proj.weight")
                    ? INITIAL_DEVIATION / Math.sqrt(2.0 * config.layers())
                    : INITIAL_DEVIATION;
            fillNormal(tensor, deviation, random.stream(name));
        });
        return tensors;
    }

    /** A fresh scalar head. */
    static INDArray initialScore(Gpt2Config config, RandomSource random) {
        INDArray tensor = Nd4j.create(DataType.FLOAT, 1, config.width());
        fillNormal(tensor, INITIAL_DEVIATION, random.stream(SCORE));
        return tensor;
    }

    private static void fillNormal(INDArray tensor, double deviation, RandomSource random) {
        INDArray flat = tensor.reshape(tensor.length());
        for (long start = 0; start < tensor.length(); start += PIECE) {
            int count = (int) Math.min(PIECE, tensor.length() - start);
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
            try (INDArray piece = Nd4j.createFromArray(values)) {
                flat.get(NDArrayIndex.interval(start, start + count)).assign(piece);
            }
        }
    }

    /** Copies of the values of {@code names} in {@code from}. */
    static Map<String, INDArray> copies(ParameterStore from, Iterable<String> names) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, from.get(name).value().dup());
        }
        return tensors;
    }

    /** The values by name, not copied. */
    static Map<String, INDArray> values(ParameterStore store) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Parameter parameter : store.all()) {
            tensors.put(parameter.name(), parameter.value());
        }
        return tensors;
    }

    /** Names without the scalar head. */
    static List<String> bodyNames(Gpt2Config config) {
        return List.copyOf(shapes(config, false).keySet());
    }
}
