package org.preferencelearning.core.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.preferencelearning.core.error.SettingException;

/**
 * How responses are drawn. Logits are divided by the temperature, then cut to the likeliest {@code topK}, then to the
 * likeliest tokens that together have a probability of {@code topP}; the order and the treatment of ties are those of
 * Hugging Face's {@code generate}.
 *
 * @param maxNewTokens most tokens of a response, at least 1
 * @param temperature 0 for the likeliest token always (greedy), else {@link #MIN_TEMPERATURE} to {@link #MAX_TEMPERATURE}
 * @param topK how many tokens are left to draw from; 0 for all
 * @param topP probability of the tokens left to draw from, above 0 and at most 1
 * @param samplesPerPrompt responses to each prompt, 1 to {@value #MAX_SAMPLES}
 * @param stopAtEndOfText whether a response ends with its first end-of-text token, which is then part of it
 */
public record SamplingSettings(
        int maxNewTokens, double temperature, int topK, double topP, int samplesPerPrompt, boolean stopAtEndOfText) {
    /** Least temperature but 0; logits divided by it stay within float's range. */
    public static final double MIN_TEMPERATURE = 1e-20;
    /** Largest temperature; above it the logarithm of a tempered probability no longer tells the policy's own. */
    public static final double MAX_TEMPERATURE = 1e3;

    private static final int MAX_SAMPLES = 65_536;

    public SamplingSettings {
        SettingException.requireAtLeast("maxNewTokens", maxNewTokens, 1);
        requireTemperature("temperature", temperature);
        SettingException.requireAtLeast("topK", topK, 0);
        SettingException.require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
        SettingException.requireBetween("samplesPerPrompt", samplesPerPrompt, 1, MAX_SAMPLES);
    }

    /** Returns {@code value} if it is a temperature; {@code setting} is what the user calls it. */
    public static double requireTemperature(String setting, double value) {
        SettingException.require(
                value == 0 || value >= MIN_TEMPERATURE && value <= MAX_TEMPERATURE,
                setting,
                value,
                "0 for the likeliest token always, or " + MIN_TEMPERATURE + " to " + MAX_TEMPERATURE);
        return value;
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
