package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.experiments.run.Reproduction;
import org.preferencelearning.experiments.run.Runners;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Computes a run again. */
@Command(
        name = "reproduce",
        description =
                "Compute a run again beside the old one and say what differs first; exit code 1 if anything does.")
final class ReproduceCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private ProgressOptions progress;

    @Parameters(paramLabel = "DIR", description = "What --out named.")
    private Path directory;

    ReproduceCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Reproduction reproduction = Runners.reproduce(directory, progress.progress());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tasks", reproduction.tasks());
        json.put("equal", reproduction.first().isEmpty());
        reproduction.first().ifPresent(first -> {
            json.put("first", first);
            json.put("directory", reproduction.directory().toString());
        });
        json.put("circumstances", reproduction.circumstances());
        output.result(reproduction.toString(), json, options.json);
        return reproduction.first().isEmpty() ? Preference.DONE : Preference.CHECK_FAILED;
    }
}
