package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.Runners;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run. */
@Command(name = "resume", description = "Go on with a run where it was, however it ended, and show its result.")
final class ResumeCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Mixin
    private ProgressOptions progress;

    @Parameters(paramLabel = "DIR", description = "What --out named.")
    private Path directory;

    ResumeCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        StudyResult result =
                StudyRunOptions.configured(Runners.local(directory), progress).run(Runners.study(directory));
        Map<String, Object> json = StudyRunOptions.json(result);
        output.result(ResultTable.of(result), json, options.json);
        return Preference.DONE;
    }
}
