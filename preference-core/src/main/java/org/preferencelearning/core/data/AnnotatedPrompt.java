package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.List;
import org.preferencelearning.core.error.SettingException;

/**
 * A prompt with its responses and, once they are annotated, their rewards.
 *
 * @param prompt text before the responses, template included
 * @param responses at least one text
 * @param rewards one a response, or none
 */
public record AnnotatedPrompt(String prompt, List<String> responses, ImmutableDoubleArray rewards) {
    public AnnotatedPrompt {
        requireNonNull(prompt, "prompt");
        responses = ImmutableList.copyOf(responses);
        SettingException.require(!responses.isEmpty(), "responses", "none", "at least one");
        SettingException.require(
                rewards.isEmpty() || rewards.length() == responses.size(),
                "rewards",
                rewards.length(),
                "none, or " + responses.size() + ", one a response");
    }

    /** Without rewards. */
    public static AnnotatedPrompt of(String prompt, List<String> responses) {
        return new AnnotatedPrompt(prompt, responses, ImmutableDoubleArray.of());
    }

    /** The same responses with rewards. */
    public AnnotatedPrompt withRewards(double... rewards) {
        return new AnnotatedPrompt(prompt, responses, ImmutableDoubleArray.copyOf(rewards));
    }
}
