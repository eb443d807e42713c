package org.preferencelearning.core.model;

import java.util.List;

/** A policy that responses can be drawn from. */
public interface GenerativePolicy extends Policy {
    /**
     * Draws {@code settings.samplesPerPrompt()} responses to each prompt.
     *
     * <p>What is drawn for a request depends on its tokens, its seed and the settings, not on the requests beside it.
     *
     * @return for each request, in order, its responses
     * @throws org.preferencelearning.core.error.SettingException if a prompt with its longest response does not fit the
     *     policy
     */
    List<List<Rollout>> sample(List<SamplingRequest> requests, SamplingSettings settings);
}
