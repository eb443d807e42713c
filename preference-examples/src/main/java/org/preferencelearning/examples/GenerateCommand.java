package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.data.PreferenceFormats;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PromptReader;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.run.Models;
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
    private final Output output;

    @Mixin
    private CommonOptions options;

    @ArgGroup(multiplicity = "1")
    private Source source;

    /** Prompts of pairs, or prompts alone. */
    static final class Source {
        @ArgGroup(exclusive = false)
        private PairFileOptions pairs;

        @Option(
                names = "--prompts",
                paramLabel = "FILE",
                description = "JSON lines with a field 'prompt', wrapped in the public code's template.")
        private Path prompts;

        List<String> read() {
            return prompts == null
                    ? pairs.read().pairs().stream()
                            .map(PreferencePair::prompt)
                            .distinct()
                            .toList()
                    : PromptReader.read(prompts, PreferenceFormats.CONVERSATION_TEMPLATE)
                            .prompts();
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
            description = "Prompts of more characters are left out, as in the public code (default: ${DEFAULT-VALUE}).")
    private int maxInputLength = 128;

    @Option(names = "--output-dir", required = true, paramLabel = "FILE", description = "File for the responses.")
    private Path out;

    GenerateCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        List<String> all = source.read();
        List<String> prompts = all.stream()
                .filter(prompt -> PythonText.length(prompt) <= maxInputLength)
                .toList();
        SamplingSettings settings = new SamplingSettings(maxNewTokens, temperature, topK, topP, samples, true);
        try (Gpt2Policy policy = new Models(ConsoleProgress.standard()).policy(model, ParameterSelection.none())) {
            List<List<Rollout>> rollouts = policy.sample(
                    SamplingRequest.of(prompts.stream().map(tokenizer::encode).toList(), options.seed), settings);
            List<AnnotatedPrompt> written = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                written.add(AnnotatedPrompt.of(
                        prompts.get(i),
                        rollouts.get(i).stream()
                                .map(rollout -> text(rollout, tokenizer))
                                .toList()));
            }
            InstancesFile.write(out, written);
        }
        int left = all.size() - prompts.size();
        output.text(prompts.size() + " prompts x " + samples + " responses: " + out + " (" + left
                + " prompts of more than " + maxInputLength + " characters left out)");
        if (options.json) {
            output.json(Map.of("prompts", prompts.size(), "leftOut", left));
        }
        return Preference.DONE;
    }

    private static String text(Rollout rollout, Tokenizer tokenizer) {
        int[] tokens = rollout.response();
        return tokenizer.decode(rollout.ended() ? Arrays.copyOf(tokens, tokens.length - 1) : tokens);
    }
}
