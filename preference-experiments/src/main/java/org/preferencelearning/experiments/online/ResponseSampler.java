package org.preferencelearning.experiments.online;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.util.List;
import org.preferencelearning.core.model.GenerativePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.task.OpenKind;

/**
 * Where the responses of an iteration come from. A user's own is a record, whose class and components are what a study that uses
 * it is written down with.
 */
@OpenKind
@JsonSubTypes(@JsonSubTypes.Type(value = ResponseSampler.FromPolicy.class, name = "policy"))
public interface ResponseSampler {
    /**
     * Draws {@code settings.samplesPerPrompt()} responses to each prompt, which depend on the arguments alone.
     *
     * @param policy the iteration's policy
     * @param reference the fine-tuned policy
     * @return for each prompt, in order, its responses
     */
    List<List<Rollout>> sample(
            GenerativePolicy policy,
            GenerativePolicy reference,
            List<SamplingRequest> prompts,
            SamplingSettings settings);

    /** All from the iteration's policy. */
    record FromPolicy() implements ResponseSampler {
        @Override
        public List<List<Rollout>> sample(
                GenerativePolicy policy,
                GenerativePolicy reference,
                List<SamplingRequest> prompts,
                SamplingSettings settings) {
            return policy.sample(prompts, settings);
        }
    }
}
