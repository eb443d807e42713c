package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.error.SettingException;

/**
 * A response to a prompt that is wanted or not, without another to compare it with.
 *
 * @param prompt text before the response, template included; the response follows it without any separator
 * @param response not empty
 * @param desirable whether it is wanted
 * @param weight factor of its loss; finite and not negative, 1 where nothing is said
 */
public record UnpairedResponse(String prompt, String response, boolean desirable, double weight) {
    public UnpairedResponse {
        requireNonNull(prompt, "prompt");
        SettingException.require(!response.isEmpty(), "response", "empty", "a text");
        SettingException.requireNotNegative("weight", weight);
    }
}
