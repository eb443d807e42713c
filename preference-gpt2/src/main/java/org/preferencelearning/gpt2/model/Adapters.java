package org.preferencelearning.gpt2.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;

/** Initial values, shapes and merging of low-rank adapters. */
final class Adapters {
    private static final String WEIGHT = ".weight";

    private Adapters() {}

    /** Shapes of the adapters' matrices by name, in order. */
    static Map<String, long[]> shapes(Gpt2Config config, LoraSettings lora) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (String module : lora.modules(config)) {
            Projection projection = Projection.of(module).orElseThrow();
            long rank = lora.adapter(module).orElseThrow().rank();
            shapes.put(LoraSettings.nameOfA(module), new long[] {projection.inputs(config), rank});
            shapes.put(LoraSettings.nameOfB(module), new long[] {rank, projection.outputs(config)});
        }
        return shapes;
    }

    /**
     * Fresh matrices, as peft makes them: A uniform within one over the root of its inputs, B zero, so that the model is
     * unchanged.
     */
    static Map<String, INDArray> initial(Gpt2Config config, LoraSettings lora, RandomSource random) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        shapes(config, lora).forEach((name, shape) -> {
            INDArray tensor = Nd4j.create(DataType.FLOAT, shape);
            if (LoraSettings.isA(name)) {
                fillUniform(tensor, 1 / Math.sqrt(shape[0]), random.stream(name));
            }
            tensors.put(name, tensor);
        });
        return tensors;
    }

    private static void fillUniform(INDArray tensor, double bound, RandomSource random) {
        float[] values = new float[(int) tensor.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        try (INDArray flat = Nd4j.createFromArray(values)) {
            tensor.assign(flat.reshape(tensor.shape()));
        }
    }

    /** A copy of a weight, with its adapter's product added if it has one. */
    static INDArray merged(Parameter weight, ParameterStore parameters, Optional<LoraSettings> lora) {
        INDArray copy = weight.value().dup('c');
        if (lora.isPresent() && weight.name().endsWith(WEIGHT)) {
            String module = weight.name().substring(0, weight.name().length() - WEIGHT.length());
            Optional<LoraSettings.Adapter> adapter = lora.get().adapter(module);
            if (adapter.isPresent()) {
                try (INDArray product = parameters
                        .get(LoraSettings.nameOfA(module))
                        .value()
                        .mmul(parameters.get(LoraSettings.nameOfB(module)).value())) {
                    copy.addi(product.muli(adapter.get().scale()));
                }
            }
        }
        return copy;
    }
}
