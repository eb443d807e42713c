package org.preferencelearning.gpt2.graph;

import java.util.List;
import java.util.Map;
import org.preferencelearning.core.internal.io.JsonFields;

/**
 * The fields of {@code generation_config.json}, which older versions of transformers write into {@code config.json}: those of
 * transformers 4.57 and 5.18. How responses are drawn is said by {@code SamplingSettings}; a field that would make the
 * distribution another one than these can say is refused.
 */
final class GenerationFields {
    /** {@code SamplingSettings} says them, each time and in full. */
    private static final List<String> SAID_BY_THE_CALLER = List.of(
            "do_sample", "temperature", "top_k", "top_p", "max_length", "max_new_tokens", "num_return_sequences");

    /** They matter for several beams alone, of which there is one. */
    private static final List<String> OF_BEAMS =
            List.of("early_stopping", "length_penalty", "diversity_penalty", "low_memory");

    /** How fast responses come, and what is told of them. */
    private static final List<String> OF_EXECUTION = List.of(
            "use_cache",
            "cache_implementation",
            "cache_config",
            "max_cache_len",
            "return_legacy_cache",
            "prefill_chunk_size",
            "compile_config",
            "disable_compile",
            "continuous_batching_config",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "output_logits",
            "renormalize_logits",
            "return_dict_in_generate");

    /** Of an assistant model, without which they do nothing. */
    private static final List<String> OF_ASSISTANTS = List.of(
            "is_assistant",
            "num_assistant_tokens",
            "num_assistant_tokens_schedule",
            "assistant_confidence_threshold",
            "assistant_lookbehind",
            "target_lookbehind",
            "max_matching_ngram_size");

    /** Tokens that responses of one model, without padding and with a prompt, do not need; where the file comes from. */
    private static final List<String> NAMES_AND_TOKENS = List.of(
            "bos_token_id",
            "pad_token_id",
            "decoder_start_token_id",
            "_from_model_config",
            "_commit_hash",
            "transformers_version");

    /** They change what is drawn; with these values they do not. */
    private static final Map<String, Double> NEUTRAL = Map.ofEntries(
            Map.entry("num_beams", 1.0),
            Map.entry("num_beam_groups", 1.0),
            Map.entry("min_length", 0.0),
            Map.entry("min_new_tokens", 0.0),
            Map.entry("min_p", 0.0),
            Map.entry("typical_p", 1.0),
            Map.entry("epsilon_cutoff", 0.0),
            Map.entry("eta_cutoff", 0.0),
            Map.entry("repetition_penalty", 1.0),
            Map.entry("encoder_repetition_penalty", 1.0),
            Map.entry("no_repeat_ngram_size", 0.0),
            Map.entry("encoder_no_repeat_ngram_size", 0.0),
            Map.entry("guidance_scale", 1.0),
            Map.entry("penalty_alpha", 0.0));

    /** They change what is drawn unless they are off. */
    private static final List<String> OFF = List.of(
            "stop_strings",
            "max_time",
            "top_h",
            "bad_words_ids",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "remove_invalid_values",
            "exponential_decay_length_penalty",
            "suppress_tokens",
            "begin_suppress_tokens",
            "sequence_bias",
            "token_healing",
            "watermarking_config",
            "prompt_lookup_num_tokens",
            "assistant_early_exit",
            "assistant_ensemble_weight",
            "speculation_type",
            "use_mtp",
            "dola_layers",
            "constraints",
            "force_words_ids");

    private GenerationFields() {}

    /**
     * Refuses what would change what is drawn.
     *
     * @throws org.preferencelearning.core.error.DataFormatException naming the field
     */
    static void check(JsonFields fields) {
        List.of(SAID_BY_THE_CALLER, OF_BEAMS, OF_EXECUTION, OF_ASSISTANTS, NAMES_AND_TOKENS)
                .forEach(fields::ignore);
        NEUTRAL.forEach(fields::expectNumber);
        fields.expectOff(OFF);
    }
}
