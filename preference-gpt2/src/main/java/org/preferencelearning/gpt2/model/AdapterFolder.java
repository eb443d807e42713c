package org.preferencelearning.gpt2.model;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.internal.io.JsonFields;
import org.preferencelearning.core.internal.io.OutputFolder;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.weights.HuggingFaceWeights;
import org.preferencelearning.gpt2.weights.SafetensorsWriter;
import org.preferencelearning.gpt2.weights.TensorSource;

/**
 * Adapters in the peft library's format: {@code adapter_config.json} and {@code adapter_model.safetensors}, of older releases
 * {@code adapter_model.bin}, whose matrices are the transposes of ours.
 */
final class AdapterFolder {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    /** What older releases of peft wrote; read where the other is missing. */
    private static final String OLDER_WEIGHTS = "adapter_model.bin";

    private static final String PREFIX = "base_model.model.";
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";
    /** What peft puts a module under where an adapter takes its place. */
    private static final String BASE_LAYER = ".base_layer";

    private AdapterFolder() {}

    /**
     * Replaces {@code folder}.
     *
     * @throws OutputException if it cannot be written, or holds what this library did not write
     * @throws SettingException if what is trained beside the adapters is nothing that peft's files can say
     */
    static void write(Path folder, Gpt2Config model, LoraSettings lora, ParameterStore parameters, String taskType) {
        Saved saved = Saved.of(model, lora, parameters);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try {
            for (Parameter parameter : parameters.trained()) {
                boolean adapter = LoraSettings.isAdapter(parameter.name());
                INDArray value = parameter.value();
                tensors.put(
                        PREFIX + (adapter ? AdapterConfig.BODY + parameter.name() : saved.key(parameter.name())),
                        adapter ? value.transpose().dup('c') : value.dup('c'));
            }
            byte[] config = new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsBytes(config(model, lora, saved, taskType));
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

    private static ObjectNode config(Gpt2Config model, LoraSettings lora, Saved saved, String taskType) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("peft_type", "LORA");
        json.put("task_type", taskType);
        json.put("r", lora.rank());
        json.put("lora_alpha", lora.alpha());
        json.put("use_rslora", lora.rankStabilized());
        json.put("lora_dropout", 0.0);
        json.put("fan_in_fan_out", true);
        json.put("bias", saved.bias());
        json.put("inference_mode", true);
        if (lora.exceptions().isEmpty()) {
            lora.targets().forEach(target -> json.withArray("target_modules").add(target.module()));
        } else {
            ObjectNode ranks = json.putObject("rank_pattern");
            ObjectNode alphas = json.putObject("alpha_pattern");
            for (String module : lora.modules(model)) {
                json.withArray("target_modules").add(AdapterConfig.BODY + module);
                LoraSettings.Adapter adapter = lora.adapter(module).orElseThrow();
                String pattern = module.replace(".", "\\.");
                if (adapter.rank() != lora.rank()) {
                    ranks.put(pattern, adapter.rank());
                }
                if (adapter.alpha() != lora.alpha()) {
                    alphas.put(pattern, adapter.alpha());
                }
            }
        }
        saved.modules().forEach(module -> json.withArray("modules_to_save").add(module));
        return json;
    }

    /**
     * What is trained beside the adapters, as peft's files say it.
     *
     * @param modules Hugging Face's names of modules that are saved whole
     * @param bias which biases of other modules are
     * @param wrapped modules that adapters stand before
     */
    private record Saved(Set<String> modules, String bias, List<String> wrapped) {
        static Saved of(Gpt2Config model, LoraSettings lora, ParameterStore parameters) {
            Set<String> own = new LinkedHashSet<>();
            parameters.trained().stream()
                    .map(Parameter::name)
                    .filter(name -> !LoraSettings.isAdapter(name))
                    .forEach(own::add);
            List<String> adapted = lora.modules(model);
            Set<String> modules = new LinkedHashSet<>();
            Set<String> biases = new LinkedHashSet<>();
            for (String name : own) {
                if (name.endsWith(BIAS) && !own.contains(moduleOf(name) + WEIGHT)) {
                    biases.add(name);
                } else {
                    modules.add(moduleOf(AdapterConfig.hugName(name)));
                }
            }
            List<String> all = parameters.all().stream()
                    .map(Parameter::name)
                    .filter(name -> name.endsWith(BIAS))
                    .toList();
            List<String> ofAdapted =
                    adapted.stream().map(module -> module + BIAS).toList();
            String bias;
            if (biases.isEmpty()) {
                bias = "none";
            } else if (biases.equals(Set.copyOf(all))) {
                bias = "all";
            } else {
                bias = "lora_only";
                SettingException.require(
                        biases.equals(Set.copyOf(ofAdapted)),
                        "parameters",
                        biases,
                        "no biases, all of them, or those of the modules with adapters, to be saved beside adapters");
            }
            return new Saved(modules, bias, adapted);
        }

        private static String moduleOf(String parameter) {
            return parameter.substring(0, parameter.lastIndexOf('.'));
        }

        /** The name of a parameter in the file. */
        String key(String parameter) {
            return wrapped.contains(moduleOf(parameter))
                    ? AdapterConfig.BODY + moduleOf(parameter) + BASE_LAYER + BIAS
                    : AdapterConfig.hugName(parameter);
        }
    }

    /**
     * The settings of a folder.
     *
     * @param config the model's
     * @param score whether it is a reward model
     * @throws DataFormatException if its {@code adapter_config.json} does not describe
     *     adapters that this library has
     */
    static AdapterConfig readConfig(Path folder, Gpt2Config config, boolean score) {
        return AdapterConfig.read(folder.resolve(CONFIG), config, score);
    }

    /**
     * The model that a folder's adapters are of, a folder or a name on the Hub; empty where it says none.
     *
     * @throws DataFormatException if there is no {@code adapter_config.json} or it is not JSON
     */
    static Optional<String> base(Path folder) {
        return Optional.of(JsonFields.read(folder.resolve(CONFIG)).text("base_model_name_or_path", ""))
                .filter(name -> !name.isBlank());
    }

    /**
     * Whether a folder holds adapters.
     *
     * @throws SettingException if it holds a model's weights too: transformers would add the adapters, and who only looks for
     *     weights would not
     */
    static boolean isOne(Path folder) {
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            return false;
        }
        HuggingFaceWeights.in(folder).ifPresent(weights -> {
            throw new SettingException(
                    "model",
                    folder + ", which holds a model (" + weights.getFileName() + ") and adapters (" + CONFIG + ")",
                    "a folder of one of the two");
        });
        return true;
    }

    /**
     * The trained tensors of a folder, new arrays: the adapters, and the parameters that are saved beside them.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if one is missing or of another shape, or the file holds
     *     more
     */
    static Map<String, INDArray> readTensors(Path folder, Gpt2Config model, AdapterConfig adapter, boolean score) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        Path older = folder.resolve(OLDER_WEIGHTS);
        Path path = Files.exists(older) && !Files.exists(folder.resolve(WEIGHTS)) ? older : folder.resolve(WEIGHTS);
        try (TensorSource file = TensorSource.open(path)) {
            Set<String> left = new TreeSet<>(file.tensors().keySet());
            Adapters.shapes(model, adapter.lora()).forEach((name, shape) -> {
                String key = PREFIX + AdapterConfig.BODY + name;
                left.remove(key);
                INDArray stored = file.read(key, new long[] {shape[1], shape[0]});
                tensors.put(name, stored.transpose().dup('c'));
                stored.close();
            });
            Map<String, long[]> shapes = AdapterConfig.shapes(model, score);
            for (String name : adapter.saved()) {
                String key = PREFIX + AdapterConfig.hugName(name);
                String wrapped = key.substring(0, key.lastIndexOf('.')) + BASE_LAYER + BIAS;
                if (name.endsWith(BIAS) && left.contains(wrapped)) {
                    key = wrapped;
                }
                left.remove(key);
                tensors.put(name, file.read(key, requireNonNull(shapes.get(name), name)));
            }
            if (!left.isEmpty()) {
                throw new DataFormatException(
                        path.toString(), 0, "tensors " + left + " are nothing that " + CONFIG + " speaks of");
            }
            return tensors;
        } catch (RuntimeException e) {
            tensors.values().forEach(INDArray::close);
            throw e;
        }
    }
}
