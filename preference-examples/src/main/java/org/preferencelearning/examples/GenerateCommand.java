package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.data.PreferenceFormats;
import org.preferencelearning.core.data.PromptReader;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws responses to prompts. */
@Command(name = "generate", description = "Draw responses to prompts; as the public code's get_hf2.py.")
final class GenerateCommand implements Callable<Integer> {
    private static final int MOST_SAMPLES = 1024;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private BaseOption base;

    @Mixin
    private ComputingOptions computing;

    @ArgGroup(multiplicity = "1")
    private Source source;

    /** Prompts of pairs, or prompts alone. */
    static final class Source {
        @ArgGroup(exclusive = false)
        private @Nullable PairFileOptions pairs;

        @Option(
                names = "--prompts",
                paramLabel = "FILE",
                description = "JSON lines with a field 'prompt', wrapped in the public code's template.")
        private @Nullable Path prompts;

        void check() {
            if (pairs != null) {
                pairs.check();
            }
        }

        Path file() {
            return prompts == null ? requireNonNull(pairs, "pairs").file() : prompts;
        }

        Prompts read() {
            if (prompts != null) {
                PromptReader.Result read = PromptReader.read(prompts, PreferenceFormats.CONVERSATION_TEMPLATE);
                return new Prompts(read.prompts(), Rows.read(read.prompts().size(), read.rejected()));
            }
            return Prompts.of(requireNonNull(pairs, "pairs").read());
        }
    }

    @Option(names = "--model", required = true, description = "Folder or Hub name of the policy.")
    private String model;

    @Option(names = "--K", description = "Responses to a prompt (default: ${DEFAULT-VALUE}).")
    private int samples = 2;

    @Option(names = "--temperature", description = "Default: ${DEFAULT-VALUE}.")
    private double temperature = 0.7;

    @Option(names = "--top-p", description = "Default: ${DEFAULT-VALUE}.")
    private double topP = 1;

    @Option(names = "--top-k", description = "0 for all (default: ${DEFAULT-VALUE}, what transformers did unasked).")
    private int topK = 50;

    @Option(names = "--max-new-tokens", description = "Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens = 128;

    @Option(
            names = "--max-input-length",
            description =
                    "Prompts of more characters are left out, as in the public code (default: ${DEFAULT-VALUE}); so are"
                            + " those that leave no room for --max-new-tokens.")
    private int maxInputLength = 128;

    @Option(names = "--seed", description = "Of the responses (default: ${DEFAULT-VALUE}).")
    private long seed = 41;

    @Option(names = "--output-dir", required = true, paramLabel = "FILE", description = "File for the responses.")
    private Path out;

    @Mixin
    private OverwriteOption overwrite;

    GenerateCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        source.check();
        SettingException.require(samples >= 1 && samples <= MOST_SAMPLES, "--K", samples, "1 to " + MOST_SAMPLES);
        SettingException.requireAtLeast("--max-input-length", maxInputLength, 1);
        SettingException.requireAtLeast("--max-new-tokens", maxNewTokens, 1);
        SettingException.requireAtLeast("--top-k", topK, 0);
        SettingException.require(topP > 0 && topP <= 1, "--top-p", topP, "above 0 and at most 1");
        SamplingSettings.requireTemperature("--temperature", temperature);
        SamplingSettings settings = new SamplingSettings(maxNewTokens, temperature, topK, topP, samples, true);
        Outputs.checkFile("--output-dir", out, overwrite.given(), source.file(), model);
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        ConsoleProgress progress = ConsoleProgress.standard();
        NamedModel named = NamedModel.find("--model", model, base, new Models(progress), tokenizer);
        base.requireUsed();
        int longest = named.longestPrompt(maxNewTokens);
        Prompts prompts = source.read()
                .thatFit(maxInputLength)
                .thatFit(tokenizer, longest)
                .requireAny(source.file());
        List<AnnotatedPrompt> written = new ArrayList<>();
        try (Gpt2Policy policy = named.policy(ParameterSelection.none())) {
            List<List<Rollout>> rollouts =
                    policy.sample(SamplingRequest.of(prompts.encoded(tokenizer), seed), settings);
            for (int i = 0; i < rollouts.size(); i++) {
                written.add(AnnotatedPrompt.of(
                        prompts.texts().get(i),
                        rollouts.get(i).stream()
                                .map(rollout -> text(rollout, tokenizer))
                                .toList()));
            }
        }
        InstancesFile.write(out, written);
        output.result(
                written.size() + " prompts x " + samples + " responses: " + out + "\n" + prompts.rows(),
                Map.of("rows", prompts.rows(), "prompts", written.size(), "out", out.toString()),
                options.json);
        return Preference.DONE;
    }

    private static String text(Rollout rollout, Tokenizer tokenizer) {
        int[] tokens = rollout.response();
        return tokenizer.decode(rollout.ended() ? Arrays.copyOf(tokens, tokens.length - 1) : tokens);
    }
}
