package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;

import com.google.common.collect.Streams;
import java.util.List;
import java.util.stream.Stream;
import org.preferencelearning.core.model.GenerativePolicy;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.online.ResponseSampler;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;

/** A sampler of one's own: where the responses that are compared come from. */
public final class OwnSampler {
    /** Some responses from the fine-tuned policy, the others from the current one. */
    public record Mixed(int fromReference) implements ResponseSampler {
        @Override
        public List<List<Rollout>> sample(
                GenerativePolicy policy,
                GenerativePolicy reference,
                List<SamplingRequest> prompts,
                SamplingSettings settings) {
            int fromPolicy = settings.samplesPerPrompt() - fromReference;
            return Streams.zip(
                            reference.sample(prompts, settings.withSamplesPerPrompt(fromReference)).stream(),
                            policy.sample(prompts, settings.withSamplesPerPrompt(fromPolicy)).stream(),
                            (old, current) -> Stream.concat(old.stream(), current.stream())
                                    .toList())
                    .toList();
        }
    }

    private OwnSampler() {}

    /** The study. */
    public static OnlineStudy study() {
        return TinyStudies.online("own sampler")
                .sampler(new Mixed(1))
                .compare(onlineDpo().beta(0.5));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
