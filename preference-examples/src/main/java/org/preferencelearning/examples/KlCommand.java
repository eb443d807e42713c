package org.preferencelearning.examples;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.run.Models;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Divergence of a policy from a reference, by sampling. */
@Command(name = "kl", description = "Estimate the divergence of a policy from a reference on prompts; as get_kl.py.")
final class KlCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private PairFileOptions data;

    @Option(names = "--model", required = true, description = "Folder or Hub name of the policy.")
    private String model;

    @Option(names = "--ref-model", required = true, description = "Folder or Hub name of the reference.")
    private String reference;

    @Option(names = "--max-new-tokens", description = "Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens = 128;

    KlCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        Models models = new Models(ConsoleProgress.standard());
        List<int[]> prompts = data.read().pairs().stream()
                .map(PreferencePair::prompt)
                .distinct()
                .map(tokenizer::encode)
                .toList();
        try (Gpt2Policy policy = models.policy(model, ParameterSelection.none());
                Gpt2Policy other = models.policy(reference, ParameterSelection.none())) {
            List<Rollout> rollouts =
                    policy.sample(SamplingRequest.of(prompts, options.seed), SamplingSettings.of(maxNewTokens)).stream()
                            .map(list -> list.get(0))
                            .toList();
            List<TokenSequence> sequences =
                    rollouts.stream().map(Rollout::sequence).toList();
            double[] sums = other.logProbabilities(sequences);
            Summary divergence = Summary.of(IntStream.range(0, sums.length)
                    .mapToDouble(i -> rollouts.get(i).logProbability() - sums[i])
                    .toArray());
            double half = divergence.halfWidth().orElse(Double.NaN);
            output.text(String.format(
                    Locale.ROOT,
                    "KL %.4f +/- %.4f nats a response (95 %%), %d prompts",
                    divergence.mean(),
                    half,
                    sums.length));
            if (options.json) {
                output.json(Map.of("kl", divergence.mean(), "halfWidth", half, "prompts", sums.length));
            }
        }
        return Preference.DONE;
    }
}
