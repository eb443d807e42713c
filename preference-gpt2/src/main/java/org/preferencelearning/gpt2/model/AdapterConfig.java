package org.preferencelearning.gpt2.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.JsonFields;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;

/**
 * What a file {@code adapter_config.json} of the peft library says, by the rules of peft 0.21: which modules get adapters and
 * of what rank and scale, and which of the model's own parameters are replaced by ones that were trained beside them.
 *
 * @param lora the adapters
 * @param saved names of the parameters that are replaced, this library's
 */
record AdapterConfig(LoraSettings lora, Set<String> saved) {
    static final String BODY = "transformer.";

    private static final String BIAS = ".bias";
    private static final String ALL_LINEAR = "all-linear";
    /** What peft adapts in a GPT-2 where nothing is said. */
    private static final String DEFAULT_TARGET = "c_attn";

    /** They matter in training alone, or before it: a trained adapter has its values. */
    private static final List<String> OF_TRAINING = List.of(
            "lora_dropout",
            "inference_mode",
            "eva_config",
            "corda_config",
            "lora_ga_config",
            "loftq_config",
            "runtime_config");

    /** Where the adapter comes from, and what kind of model the caller asks for. */
    private static final List<String> OF_ORIGIN = List.of(
            "base_model_name_or_path", "revision", "auto_mapping", "peft_version", "task_type", "megatron_core");

    /** A Conv1D, as all projections of a GPT-2 are, is {@code [in, out]} whatever is said; a size that QALoRA alone has. */
    private static final List<String> OF_OTHER_LAYERS =
            List.of("fan_in_fan_out", "qalora_group_size", "merge_weights", "enable_lora");

    /** Other adapters than those of this library, each an addition to LoRA. */
    private static final List<String> OFF = List.of(
            "use_dora",
            "lora_bias",
            "use_qalora",
            "use_bdlora",
            "arrow_config",
            "kasa_config",
            "velora_config",
            "monteclora_config",
            "alora_invocation_tokens",
            "layer_replication",
            "megatron_config",
            "target_parameters",
            "trainable_token_indices",
            "ensure_weight_tying");

    /** How the matrices began; the others of peft's ways take something away from the weights of the model. */
    private static final Set<String> INITIALISATIONS = Set.of("true", "false", "gaussian", "eva", "orthogonal");

    /**
     * Reads a file.
     *
     * @param config the model's
     * @param score whether it is a reward model
     * @throws DataFormatException if the file is missing, or a field is unknown or asks for what this library has not: it
     *     names the field, its value and what is allowed
     */
    static AdapterConfig read(Path file, Gpt2Config config, boolean score) {
        JsonFields fields = JsonFields.read(file);
        fields.expectText("peft_type", "LORA");
        List.of(OF_TRAINING, OF_ORIGIN, OF_OTHER_LAYERS).forEach(fields::ignore);
        fields.expectOff(OFF);
        if (!INITIALISATIONS.contains(fields.value("init_lora_weights").asText("true"))
                && !fields.isUnset("init_lora_weights")) {
            throw fields.fault(
                    "init_lora_weights",
                    "one of " + INITIALISATIONS.stream().sorted().toList()
                            + ", which leave the model's own weights alone");
        }
        try {
            Rules rules = new Rules(fields, config, score);
            LoraSettings lora = rules.lora();
            Set<String> saved = rules.saved(lora);
            fields.refuseOthers();
            return new AdapterConfig(lora, saved);
        } catch (SettingException e) {
            throw new DataFormatException(file.toString(), 0, String.valueOf(e.getMessage()), e);
        }
    }

    /** A parameter's name in Hugging Face's model. */
    static String hugName(String parameter) {
        return parameter.equals(Gpt2Parameters.SCORE) || parameter.equals(Gpt2Parameters.OUTPUT_HEAD)
                ? parameter
                : BODY + parameter;
    }

    /** Every parameter that such a model can have; a head that an adapter replaces is no longer tied. */
    static Map<String, long[]> shapes(Gpt2Config config, boolean score) {
        return Gpt2Parameters.shapes(config.withTiedHead(false), score);
    }

    /** Of one file, for one model. */
    private record Rules(JsonFields fields, Gpt2Config config, boolean score) {
        LoraSettings lora() {
            int rank = fields.integer("r", 8);
            double alpha = fields.number("lora_alpha", 8);
            boolean stabilized = fields.flag("use_rslora", false);
            Map<PythonPattern, Double> ranks = patterns("rank_pattern");
            Map<PythonPattern, Double> alphas = patterns("alpha_pattern");
            Map<String, LoraSettings.Adapter> adapters = new LinkedHashMap<>();
            for (String module : targets()) {
                String name = BODY + module;
                double ofModule = first(ranks, name).orElse((double) rank);
                if (ofModule != Math.rint(ofModule) || Math.abs(ofModule) > Integer.MAX_VALUE) {
                    throw fields.fault("rank_pattern", "whole numbers");
                }
                adapters.put(
                        module,
                        new LoraSettings.Adapter(
                                (int) ofModule, first(alphas, name).orElse(alpha), stabilized));
            }
            Set<Projection> targets = EnumSet.noneOf(Projection.class);
            adapters.keySet().forEach(module -> Projection.of(module).ifPresent(targets::add));
            LoraSettings plain = new LoraSettings(rank, alpha, stabilized, targets, Map.of());
            Map<String, Optional<LoraSettings.Adapter>> exceptions = new LinkedHashMap<>();
            for (String module : Projection.modules(config)) {
                Optional<LoraSettings.Adapter> adapter = Optional.ofNullable(adapters.get(module));
                if (!adapter.equals(plain.adapter(module))) {
                    exceptions.put(module, adapter);
                }
            }
            return new LoraSettings(rank, alpha, stabilized, targets, exceptions);
        }

        /** Names without the body's prefix. */
        private List<String> targets() {
            Predicate<String> isTarget = target();
            Predicate<String> isExcluded = excluded();
            List<String> targets = new ArrayList<>();
            for (String module : modules()) {
                if (isTarget.test(module) && !isExcluded.test(module)) {
                    String own = module.startsWith(BODY) ? module.substring(BODY.length()) : module;
                    if (Projection.of(own).isEmpty()) {
                        throw fields.fault(
                                "target_modules",
                                "modules among c_attn, attn.c_proj, c_fc and mlp.c_proj; '" + module
                                        + "' has no adapters here");
                    }
                    targets.add(own);
                }
            }
            if (targets.isEmpty()) {
                throw fields.fault(
                        "target_modules", "what names a module of the model: c_attn, attn.c_proj, c_fc, mlp.c_proj");
            }
            return targets;
        }

        private Predicate<String> target() {
            JsonNode value = fields.value("target_modules");
            Predicate<String> inLayers = inLayers();
            if (value.isTextual()) {
                if (!fields.isUnset("layers_to_transform") || !fields.isUnset("layers_pattern")) {
                    throw fields.fault("layers_to_transform", "null, where target_modules is a text");
                }
                if (value.textValue().equalsIgnoreCase(ALL_LINEAR)) {
                    return module -> module.startsWith(BODY)
                            && Projection.of(module.substring(BODY.length())).isPresent();
                }
                return PythonPattern.of(fields, "target_modules", value.textValue())::matches;
            }
            List<String> names = fields.isUnset("target_modules") ? List.of(DEFAULT_TARGET) : texts("target_modules");
            return module -> names.contains(module)
                    || names.stream().anyMatch(name -> module.endsWith("." + name)) && inLayers.test(module);
        }

        private Predicate<String> inLayers() {
            JsonNode value = fields.value("layers_to_transform");
            if (fields.isUnset("layers_to_transform") || value.isArray() && value.isEmpty()) {
                if (!texts("layers_pattern").isEmpty()) {
                    throw fields.fault("layers_pattern", "null, where layers_to_transform is not set");
                }
                return module -> true;
            }
            List<Integer> layers = new ArrayList<>();
            for (JsonNode layer : value.isArray() ? value : List.of(value)) {
                if (!layer.isIntegralNumber() || !layer.canConvertToInt()) {
                    throw fields.fault("layers_to_transform", "the number of a block, or a list of such");
                }
                layers.add(layer.intValue());
            }
            List<PythonPattern> patterns = new ArrayList<>();
            for (String name : texts("layers_pattern")) {
                patterns.add(PythonPattern.of(fields, "layers_pattern", "(?:^|.*?\\.)" + name + "\\.\\d+\\..*"));
            }
            return module -> module.startsWith(BODY + "h.")
                    && (patterns.isEmpty() || patterns.stream().anyMatch(pattern -> pattern.matches(module)))
                    && layers.contains(Integer.parseInt(module.split("\\.")[2]));
        }

        private Predicate<String> excluded() {
            List<PythonPattern> savedModules = new ArrayList<>();
            for (String name : texts("modules_to_save")) {
                savedModules.add(PythonPattern.of(fields, "modules_to_save", "(^|.*\\.)" + name + "($|\\..*)"));
            }
            Predicate<String> isSaved = module -> savedModules.stream().anyMatch(pattern -> pattern.matches(module));
            JsonNode value = fields.value("exclude_modules");
            if (value.isTextual()) {
                PythonPattern pattern = PythonPattern.of(fields, "exclude_modules", value.textValue());
                return module -> isSaved.test(module) || pattern.matches(module);
            }
            List<String> names = texts("exclude_modules");
            return module -> isSaved.test(module)
                    || names.stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
        }

        /** The parameters that the file of weights holds beside the adapters. */
        Set<String> saved(LoraSettings lora) {
            List<String> names = texts("modules_to_save");
            String bias = fields.text("bias", "none");
            List<String> adapted = lora.modules(config);
            Predicate<String> isTrainedBias =
                    switch (bias) {
                        case "none" -> parameter -> false;
                        case "all" -> parameter -> parameter.endsWith(BIAS);
                        case "lora_only" ->
                            parameter -> parameter.endsWith(BIAS) && adapted.contains(moduleOf(parameter));
                        default -> throw fields.fault("bias", "\"none\", \"all\" or \"lora_only\"");
                    };
            Set<String> saved = new LinkedHashSet<>();
            for (String parameter : shapes(config, score).keySet()) {
                if (isTrainedBias.test(parameter)
                        || withParents(moduleOf(hugName(parameter))).stream()
                                .anyMatch(module -> names.stream().anyMatch(module::endsWith))) {
                    saved.add(parameter);
                }
            }
            return saved;
        }

        private static String moduleOf(String parameter) {
            return parameter.substring(0, parameter.lastIndexOf('.'));
        }

        private static List<String> withParents(String module) {
            List<String> modules = new ArrayList<>();
            for (int end = module.length(); end > 0; end = module.lastIndexOf('.', end - 1)) {
                modules.add(module.substring(0, end));
            }
            return modules;
        }

        /** Every module of Hugging Face's model that a rule can name. */
        private Collection<String> modules() {
            Set<String> modules = new LinkedHashSet<>();
            shapes(config, score)
                    .keySet()
                    .forEach(parameter -> modules.addAll(withParents(moduleOf(hugName(parameter)))));
            return modules;
        }

        private List<String> texts(String field) {
            List<String> texts = new ArrayList<>();
            if (fields.isUnset(field)) {
                return texts;
            }
            JsonNode value = fields.value(field);
            for (JsonNode text : value.isArray() ? value : List.of(value)) {
                if (!text.isTextual() || text.textValue().isEmpty()) {
                    throw fields.fault(field, "a text, or a list of texts, none of them empty");
                }
                texts.add(text.textValue());
            }
            return texts;
        }

        private Map<PythonPattern, Double> patterns(String field) {
            Map<PythonPattern, Double> patterns = new LinkedHashMap<>();
            if (fields.isUnset(field)) {
                return patterns;
            }
            if (!fields.value(field).isObject()) {
                throw fields.fault(field, "an object of patterns and numbers");
            }
            fields.value(field).properties().forEach(entry -> {
                if (!entry.getValue().isNumber()) {
                    throw fields.fault(field, "an object of patterns and numbers");
                }
                patterns.put(
                        PythonPattern.of(fields, field, "(.*\\.)?(" + entry.getKey() + ")"),
                        entry.getValue().doubleValue());
            });
            return patterns;
        }

        /** The value of the first pattern that a module matches. */
        private static Optional<Double> first(Map<PythonPattern, Double> patterns, String module) {
            return patterns.entrySet().stream()
                    .filter(entry -> entry.getKey().matches(module))
                    .map(Map.Entry::getValue)
                    .filter(Objects::nonNull)
                    .findFirst();
        }
    }
}
