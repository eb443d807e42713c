package org.preferencelearning.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.preferencelearning.experiments.run.RunStatus;
import org.preferencelearning.experiments.run.Runners;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists runs. */
@Command(name = "runs", description = "List the runs in a folder, or tell how far one is.")
final class RunsCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Parameters(paramLabel = "DIR", description = "A run, or a folder that holds runs.")
    private Path directory;

    RunsCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        List<RunStatus> runs = new ArrayList<>();
        if (RunStatus.isRun(directory)) {
            runs.add(Runners.status(directory));
        } else {
            try (Stream<Path> folders = Files.list(directory)) {
                folders.filter(RunStatus::isRun).sorted().map(Runners::status).forEach(runs::add);
            } catch (IOException e) {
                throw new UncheckedIOException(directory + ": cannot be read: " + e.getMessage(), e);
            }
        }
        StringBuilder text = new StringBuilder(runs.isEmpty() ? "no run in " + directory : "");
        for (RunStatus run : runs) {
            text.append(String.format(
                    "%-40s %d of %d cells  since %s  %s%n",
                    run.directory(), run.finished(), run.cells(), run.started(), run.study()));
        }
        output.result(
                text.toString(),
                Map.of("runs", runs.stream().map(RunsCommand::json).toList()),
                options.json);
        return Preference.DONE;
    }

    private static Map<String, Object> json(RunStatus run) {
        return Map.of(
                "directory", run.directory().toString(),
                "study", run.study(),
                "finished", run.finished(),
                "cells", run.cells(),
                "started", run.started());
    }
}
