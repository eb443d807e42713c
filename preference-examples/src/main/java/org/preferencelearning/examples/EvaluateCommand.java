package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.result.Summary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Mean reward of annotated responses. */
@Command(name = "evaluate", description = "Mean reward and length of annotated responses, and win rate against others.")
final class EvaluateCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Parameters(paramLabel = "FILE", description = "File that 'annotate' wrote.")
    private Path file;

    @Option(names = "--against", paramLabel = "FILE", description = "Another one, of the same prompts.")
    private Path against;

    EvaluateCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        List<AnnotatedPrompt> prompts = InstancesFile.read(file);
        Summary reward = Summary.of(
                prompts.stream().mapToDouble(prompt -> mean(prompt, file)).toArray());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("prompts", prompts.size());
        json.put("meanReward", reward.mean());
        json.put("halfWidth", reward.halfWidth().orElse(Double.NaN));
        json.put(
                "meanCharacters",
                prompts.stream()
                        .flatMap(prompt -> prompt.responses().stream())
                        .mapToInt(PythonText::length)
                        .average()
                        .orElse(0));
        if (against != null) {
            json.put("winRate", winRate(prompts, InstancesFile.read(against)));
        }
        json.forEach((name, value) -> output.text(String.format(
                Locale.ROOT,
                "%-16s %s",
                name,
                value instanceof Double d ? String.format(Locale.ROOT, "%.4f", d) : value)));
        if (options.json) {
            output.json(json);
        }
        return Preference.DONE;
    }

    private static double mean(AnnotatedPrompt prompt, Path file) {
        return prompt.rewards().stream()
                .average()
                .orElseThrow(
                        () -> new SettingException("FILE", file + " without rewards", "a file that 'annotate' wrote"));
    }

    private double winRate(List<AnnotatedPrompt> prompts, List<AnnotatedPrompt> others) {
        boolean same = prompts.stream()
                .map(AnnotatedPrompt::prompt)
                .toList()
                .equals(others.stream().map(AnnotatedPrompt::prompt).toList());
        SettingException.require(same, "--against", against, "a file of the same prompts in the same order");
        return IntStream.range(0, prompts.size())
                .mapToDouble(i -> (Double.compare(mean(prompts.get(i), file), mean(others.get(i), against)) + 1) / 2.0)
                .average()
                .orElse(Double.NaN);
    }
}
