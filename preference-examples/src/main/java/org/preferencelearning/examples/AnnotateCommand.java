package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives responses the rewards of a model. */
@Command(
        name = "annotate",
        description =
                "Add a reward model's rewards to responses; as get_rewards.py. Prompts with a response that is too long for"
                        + " the model are left out, and counted.")
final class AnnotateCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private BaseOption base;

    @Mixin
    private ComputingOptions computing;

    @Option(names = "--reward-model", required = true, description = "Folder or Hub name of the reward model.")
    private String model;

    @Option(
            names = "--label",
            description = "Of a classifier of several labels, the one whose score is the reward, from 0.")
    private @Nullable Integer label;

    @Option(names = "--dataset-path", required = true, paramLabel = "FILE", description = "File of responses.")
    private Path in;

    @Option(names = "--output-dir", required = true, paramLabel = "FILE", description = "File for them with rewards.")
    private Path out;

    @Mixin
    private OverwriteOption overwrite;

    AnnotateCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        if (label != null) {
            SettingException.requireAtLeast("--label", label, 0);
        }
        Outputs.checkFile("--output-dir", out, overwrite.given(), in, model);
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        NamedModel named =
                NamedModel.find("--reward-model", model, base, new Models(ConsoleProgress.standard()), tokenizer);
        base.requireUsed();
        int longest = named.config().positions();
        List<AnnotatedPrompt> all = Instances.read(in);
        List<AnnotatedPrompt> prompts = new ArrayList<>();
        List<TokenSequence> texts = new ArrayList<>();
        for (AnnotatedPrompt prompt : all) {
            List<TokenSequence> encoded = prompt.responses().stream()
                    .map(response -> tokenizer.encode(prompt.prompt() + PythonText.strip(response)))
                    .filter(tokens -> tokens.length >= 1 && tokens.length <= longest)
                    .map(tokens -> new TokenSequence(tokens, 0))
                    .toList();
            if (encoded.size() == prompt.responses().size()) {
                prompts.add(prompt);
                texts.addAll(encoded);
            }
        }
        Rows rows = Rows.all(all)
                .without("a text that is empty or of more than " + longest + " tokens", all.size() - prompts.size());
        Instances.requireAny(in, rows);
        double[] rewards;
        try (Gpt2RewardModel rewardModel = named.rewardModel(label)) {
            rewards = rewardModel.rewards(texts);
        }
        List<AnnotatedPrompt> annotated = new ArrayList<>();
        int next = 0;
        for (AnnotatedPrompt prompt : prompts) {
            int end = next + prompt.responses().size();
            annotated.add(prompt.withRewards(Arrays.copyOfRange(rewards, next, end)));
            next = end;
        }
        double mean = Arrays.stream(rewards).average().orElseThrow();
        if (!Double.isFinite(mean)) {
            throw new NonFiniteResultException("meanReward", mean);
        }
        InstancesFile.write(out, annotated);
        output.result(
                String.format(Locale.ROOT, "%d responses, mean reward %.4f: %s%n%s", rewards.length, mean, out, rows),
                Map.of("rows", rows, "responses", rewards.length, "meanReward", mean, "out", out.toString()),
                options.json);
        return Preference.DONE;
    }
}
