package org.preferencelearning.examples;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.run.ConsoleProgress;
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
    private BaseOption base;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private PairFileOptions data;

    @Option(names = "--model", required = true, description = "Folder or Hub name of the policy.")
    private String model;

    @Option(names = "--ref-model", required = true, description = "Folder or Hub name of the reference.")
    private String reference;

    @Option(
            names = "--max-new-tokens",
            description =
                    "Default: ${DEFAULT-VALUE}. Prompts that leave no room for so many are left out, and counted.")
    private int maxNewTokens = 128;

    @Option(names = "--seed", description = "Of the responses (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    KlCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        SettingException.requireAtLeast("--max-new-tokens", maxNewTokens, 1);
        data.check();
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        Models models = new Models(ConsoleProgress.standard());
        NamedModel named = NamedModel.find("--model", model, base, models, tokenizer);
        NamedModel other = NamedModel.find("--ref-model", reference, base, models, tokenizer);
        base.requireUsed();
        int longest = Math.min(named.longestPrompt(maxNewTokens), other.longestPrompt(maxNewTokens));
        Prompts prompts = Prompts.of(data.read()).thatFit(tokenizer, longest).requireAny(data.file());
        double[] divergences = divergences(named, other, prompts.encoded(tokenizer));
        Summary divergence = Summary.of(divergences);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rows", prompts.rows());
        json.put("prompts", divergences.length);
        json.put("kl", divergence.mean());
        json.put("halfWidth", divergence.halfWidth());
        output.result(
                String.format(
                        Locale.ROOT,
                        "KL %.4f +/- %s nats a response (95 %%), %d prompts%n%s",
                        divergence.mean(),
                        divergence.halfWidth().isPresent()
                                ? String.format(
                                        Locale.ROOT,
                                        "%.4f",
                                        divergence.halfWidth().getAsDouble())
                                : "?",
                        divergences.length,
                        prompts.rows()),
                json,
                options.json);
        return Preference.DONE;
    }

    /** Both policies score a response in the same way, so that equal weights give exactly 0. */
    private double[] divergences(NamedModel named, NamedModel other, List<int[]> prompts) {
        try (Gpt2Policy policy = named.policy(ParameterSelection.none());
                Gpt2Policy frozen = other.policy(ParameterSelection.none())) {
            List<TokenSequence> sequences =
                    policy.sample(SamplingRequest.of(prompts, seed), SamplingSettings.of(maxNewTokens)).stream()
                            .map(list -> list.get(0).sequence())
                            .toList();
            double[] own = policy.logProbabilities(sequences);
            double[] others = frozen.logProbabilities(sequences);
            return IntStream.range(0, own.length)
                    .mapToDouble(i -> own[i] - others[i])
                    .toArray();
        }
    }
}
