package org.preferencelearning.gpt2.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.io.AtomicFiles;
import org.preferencelearning.core.io.JsonFiles;
import org.preferencelearning.core.io.OutputFolder;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;
import org.preferencelearning.gpt2.weights.Safetensors;
import org.preferencelearning.gpt2.weights.SafetensorsWriter;
import org.preferencelearning.gpt2.weights.WeightsFormatException;

/**
 * Adapters in the peft library's format: {@code adapter_config.json} and {@code adapter_model.safetensors}, whose matrices
 * are the transposes of ours.
 */
final class AdapterFolder {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final String BODY = "transformer.";

    private AdapterFolder() {}

    /**
     * Replaces {@code folder}.
     *
     * @throws OutputException if it cannot be written, or holds what this library did not write
     */
    static void write(Path folder, LoraSettings lora, ParameterStore parameters, String taskType) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try {
            for (Parameter parameter : parameters.trained()) {
                boolean adapter = LoraSettings.isAdapter(parameter.name());
                INDArray value = parameter.value();
                tensors.put(
                        PREFIX + (adapter ? BODY : "") + parameter.name(),
                        adapter ? value.transpose().dup('c') : value.dup('c'));
            }
            byte[] config = new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsBytes(config(lora, parameters, taskType));
            OutputFolder.replace(folder, fresh -> {
                AtomicFiles.write(fresh.resolve(CONFIG), config);
                SafetensorsWriter.write(fresh.resolve(WEIGHTS), tensors);
            });
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } finally {
            tensors.values().forEach(INDArray::close);
        }
    }

    private static ObjectNode config(LoraSettings lora, ParameterStore parameters, String taskType) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("peft_type", "LORA");
        json.put("task_type", taskType);
        json.put("r", lora.rank());
        json.put("lora_alpha", lora.alpha());
        json.put("lora_dropout", 0.0);
        json.put("fan_in_fan_out", true);
        json.put("bias", "none");
        json.put("inference_mode", true);
        lora.targets().forEach(target -> json.withArray("target_modules").add(target.module()));
        if (parameters.all().stream().anyMatch(parameter -> parameter.name().equals(Gpt2Parameters.SCORE))) {
            json.withArray("modules_to_save").add("score");
        }
        return json;
    }

    /**
     * The settings of a folder.
     *
     * @throws DataFormatException if its {@code adapter_config.json} does not describe adapters that this library has
     */
    static LoraSettings readSettings(Path folder) {
        Path file = folder.resolve(CONFIG);
        JsonNode json = JsonFiles.read(file);
        expect(file, json, "peft_type", "LORA");
        expect(file, json, "bias", "none");
        Set<Projection> targets = EnumSet.noneOf(Projection.class);
        for (JsonNode target : json.path("target_modules")) {
            targets.addAll(projections(file, target.asText()));
        }
        return new LoraSettings(json.path("r").asInt(0), json.path("lora_alpha").asDouble(0), targets);
    }

    private static void expect(Path file, JsonNode json, String field, String expected) {
        String found = json.path(field).asText(expected);
        if (!found.equals(expected)) {
            throw new DataFormatException(
                    file.toString(), 0, "field '" + field + "' is '" + found + "'; allowed: '" + expected + "'");
        }
    }

    /** The projections that a target stands for: peft matches the ends of names, so {@code c_proj} means both. */
    private static Set<Projection> projections(Path file, String target) {
        Set<Projection> matching = EnumSet.noneOf(Projection.class);
        for (Projection projection : Projection.values()) {
            if (projection.module().equals(target) || projection.module().endsWith("." + target)) {
                matching.add(projection);
            }
        }
        if (matching.isEmpty()) {
            throw new DataFormatException(
                    file.toString(),
                    0,
                    "field 'target_modules' holds '" + target + "'; allowed: c_attn, attn.c_proj, c_fc, mlp.c_proj");
        }
        return matching;
    }

    /**
     * The trained tensors of a folder, new arrays: the adapters and, where {@code score}, the scalar head.
     *
     * @throws WeightsFormatException if one is missing or of another shape
     */
    static Map<String, INDArray> readTensors(Path folder, Gpt2Config config, LoraSettings lora, boolean score) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (Safetensors file = Safetensors.open(folder.resolve(WEIGHTS))) {
            Adapters.shapes(config, lora).forEach((name, shape) -> {
                INDArray stored = file.read(PREFIX + BODY + name, new long[] {shape[1], shape[0]});
                tensors.put(name, stored.transpose().dup('c'));
                stored.close();
            });
            if (score) {
                tensors.put(
                        Gpt2Parameters.SCORE, file.read(PREFIX + Gpt2Parameters.SCORE, new long[] {1, config.width()}));
            }
            return tensors;
        } catch (RuntimeException e) {
            tensors.values().forEach(INDArray::close);
            throw e;
        }
    }
}
