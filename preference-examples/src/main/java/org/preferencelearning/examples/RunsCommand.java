package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.experiments.run.RunStatus;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.run.RunsOfFolder;
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
        StringBuilder text = new StringBuilder();
        List<Map<String, Object>> runs = new ArrayList<>();
        for (Path run : RunsOfFolder.directories(directory)) {
            try {
                RunStatus status = Runners.status(run);
                text.append(line(status));
                runs.add(json(status));
            } catch (PreferenceException e) {
                // one that cannot be read does not hide the others
                text.append(String.format("%-40s %s%n", run, e.getMessage()));
                runs.add(Map.of("directory", run.toString(), "problem", e.getMessage()));
            }
        }
        output.result(runs.isEmpty() ? "no run in " + directory : text.toString(), Map.of("runs", runs), options.json);
        boolean whole = runs.stream().noneMatch(run -> run.containsKey("problem"));
        return whole ? Preference.DONE : Failures.BAD_INPUT;
    }

    private static String line(RunStatus run) {
        return String.format(
                "%-40s %d of %d cells  %s  %s%n",
                run.directory(), run.finished(), run.cells(), state(run), run.study());
    }

    private static String state(RunStatus run) {
        if (run.writer().isPresent()) {
            return "at work: " + run.writer().get();
        }
        return (run.finished() == run.cells() ? "done" : "resumable") + ", since " + run.started();
    }

    private static Map<String, Object> json(RunStatus run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("directory", run.directory().toString());
        json.put("study", run.study());
        json.put("finished", run.finished());
        json.put("cells", run.cells());
        json.put("started", run.started());
        json.put("atWork", run.writer().isPresent());
        return json;
    }
}
