package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.AnnotatedPrompt;
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

    @Mixin
    private ComputingOptions computing;

    @Parameters(paramLabel = "FILE", description = "File that 'annotate' wrote.")
    private Path file;

    @Option(names = "--against", paramLabel = "FILE", description = "Another one, of the same prompts.")
    private @Nullable Path against;

    EvaluateCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        List<AnnotatedPrompt> prompts = Instances.readAnnotated(file);
        Summary reward =
                Summary.of(prompts.stream().mapToDouble(EvaluateCommand::mean).toArray());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("prompts", prompts.size());
        json.put("meanReward", reward.mean());
        json.put("halfWidth", reward.halfWidth());
        json.put(
                "meanCharacters",
                prompts.stream()
                        .flatMap(prompt -> prompt.responses().stream())
                        .mapToInt(PythonText::length)
                        .average()
                        .orElseThrow());
        if (against != null) {
            json.put("winRate", winRate(prompts, Instances.readAnnotated(against)));
        }
        StringBuilder text = new StringBuilder();
        json.forEach((name, value) -> text.append(String.format(Locale.ROOT, "%-16s %s%n", name, shown(value))));
        Rows rows = Rows.all(prompts);
        json.put("rows", rows);
        output.result(text.toString() + rows, json, options.json);
        return Preference.DONE;
    }

    private static String shown(Object value) {
        if (value instanceof OptionalDouble optional) {
            return optional.isPresent() ? shown(optional.getAsDouble()) : "?";
        }
        return value instanceof Double d ? String.format(Locale.ROOT, "%.4f", d) : value.toString();
    }

    private static double mean(AnnotatedPrompt prompt) {
        return prompt.rewards().stream().average().orElseThrow();
    }

    private double winRate(List<AnnotatedPrompt> prompts, List<AnnotatedPrompt> others) {
        boolean same = prompts.stream()
                .map(AnnotatedPrompt::prompt)
                .toList()
                .equals(others.stream().map(AnnotatedPrompt::prompt).toList());
        SettingException.require(same, "--against", against, "a file of the same prompts in the same order");
        return IntStream.range(0, prompts.size())
                .mapToDouble(i -> (Double.compare(mean(prompts.get(i)), mean(others.get(i))) + 1) / 2.0)
                .average()
                .orElseThrow();
    }
}
