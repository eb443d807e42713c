package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.experiments.run.Models;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives responses the rewards of a model. */
@Command(name = "annotate", description = "Add a reward model's rewards to responses; as get_rewards.py.")
final class AnnotateCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Option(names = "--reward-model", required = true, description = "Folder or Hub name of the reward model.")
    private String model;

    @Option(names = "--dataset-path", required = true, paramLabel = "FILE", description = "File of responses.")
    private Path in;

    @Option(names = "--output-dir", required = true, paramLabel = "FILE", description = "File for them with rewards.")
    private Path out;

    AnnotateCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Tokenizer tokenizer = Gpt2Tokenizer.create();
        List<AnnotatedPrompt> prompts = InstancesFile.read(in);
        List<TokenSequence> texts = new ArrayList<>();
        prompts.forEach(prompt -> prompt.responses()
                .forEach(response -> texts.add(
                        new TokenSequence(tokenizer.encode(prompt.prompt() + PythonText.strip(response)), 0))));
        double[] rewards;
        try (Gpt2RewardModel rewardModel = new Models(ConsoleProgress.standard()).rewardModel(model)) {
            rewards = rewardModel.rewards(texts);
        }
        List<AnnotatedPrompt> annotated = new ArrayList<>();
        int next = 0;
        for (AnnotatedPrompt prompt : prompts) {
            int end = next + prompt.responses().size();
            annotated.add(prompt.withRewards(Arrays.copyOfRange(rewards, next, end)));
            next = end;
        }
        InstancesFile.write(out, annotated);
        double mean = Arrays.stream(rewards).average().orElse(Double.NaN);
        output.text(String.format(Locale.ROOT, "%d responses, mean reward %.4f: %s", rewards.length, mean, out));
        if (options.json) {
            output.json(Map.of("responses", rewards.length, "meanReward", mean));
        }
        return Preference.DONE;
    }
}
