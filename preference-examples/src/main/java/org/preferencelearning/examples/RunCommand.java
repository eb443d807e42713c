package org.preferencelearning.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a study of any kind. */
@Command(name = "run", description = "Run a study that was saved as JSON, of any kind.")
final class RunCommand implements Callable<Integer> {
    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private ComputingOptions computing;

    @Parameters(paramLabel = "STUDY.json", description = "What StudyJson.write wrote.")
    private Path file;

    @Mixin
    private StudyRunOptions run;

    @Option(
            names = "--spark",
            paramLabel = "MASTER",
            description =
                    "Compute on Apache Spark 4, such as local[2] or spark://host:7077, in a folder that all executors"
                            + " share (--out); needs SPARK_HOME, or spark-submit.")
    private String master;

    RunCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        Study study = StudyJson.read(file.toString(), text());
        StudyResult result = master == null ? run.run(study) : run.runOnSpark("--spark", master, study);
        Map<String, Object> json = StudyRunOptions.json(result);
        output.result(ResultTable.of(result) + run.place(), json, options.json);
        return Preference.DONE;
    }

    private String text() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
