package org.preferencelearning.core.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.preferencelearning.core.error.SettingException;

/**
 * How responses are drawn. Logits are divided by the temperature, then cut to the likeliest {@code topK}, then to the
 * likeliest tokens that together have a probability of {@code topP}; the order and the treatment of ties are those of
 * Hugging Face's {@code generate}.
 *
 * @param maxNewTokens most tokens of a response, at least 1
 * @param temperature 0 for the likeliest token always (greedy), else above 0
 * @param topK how many tokens are left to draw from; 0 for all
 * @param topP probability of the tokens left to draw from, above 0 and at most 1
 * @param samplesPerPrompt responses to each prompt, at least 1
 * @param stopAtEndOfText whether a response ends with its first end-of-text token, which is then part of it
 */
public record SamplingSettings(
        int maxNewTokens, double temperature, int topK, double topP, int samplesPerPrompt, boolean stopAtEndOfText) {
    public SamplingSettings {
        SettingException.requireAtLeast("maxNewTokens", maxNewTokens, 1);
        SettingException.requireNotNegative("temperature", temperature);
        SettingException.requireAtLeast("topK", topK, 0);
        SettingException.require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
        SettingException.requireAtLeast("samplesPerPrompt", samplesPerPrompt, 1);
    }

    /** One response of up to {@code maxNewTokens} tokens a prompt, drawn from the policy itself (temperature 1). */
    public static SamplingSettings of(int maxNewTokens) {
        return new SamplingSettings(maxNewTokens, 1, 0, 1, 1, true);
    }

    /** The likeliest token always. */
    public static SamplingSettings greedy(int maxNewTokens) {
        return of(maxNewTokens).withTemperature(0);
    }

    /** These settings with longer or shorter responses. */
    public SamplingSettings withMaxNewTokens(int maxNewTokens) {
        return new SamplingSettings(maxNewTokens, temperature, topK, topP, samplesPerPrompt, stopAtEndOfText);
    }

    /** These settings with another temperature. */
    public SamplingSettings withTemperature(double temperature) {
        return new SamplingSettings(maxNewTokens, temperature, topK, topP, samplesPerPrompt, stopAtEndOfText);
    }

    /** These settings with another number of tokens to draw from. */
    public SamplingSettings withTopK(int topK) {
        return new SamplingSettings(maxNewTokens, temperature, topK, topP, samplesPerPrompt, stopAtEndOfText);
    }

    /** These settings with another probability of the tokens to draw from. */
    public SamplingSettings withTopP(double topP) {
        return new SamplingSettings(maxNewTokens, temperature, topK, topP, samplesPerPrompt, stopAtEndOfText);
    }

    /** These settings with another number of responses. */
    public SamplingSettings withSamplesPerPrompt(int samplesPerPrompt) {
        return new SamplingSettings(maxNewTokens, temperature, topK, topP, samplesPerPrompt, stopAtEndOfText);
    }

    /** These settings, going on after an end-of-text token or not. */
    public SamplingSettings withStopAtEndOfText(boolean stopAtEndOfText) {
        return new SamplingSettings(maxNewTokens, temperature, topK, topP, samplesPerPrompt, stopAtEndOfText);
    }

    /** Whether nothing is left to chance. */
    @JsonIgnore
    public boolean isGreedy() {
        return temperature == 0;
    }
}
