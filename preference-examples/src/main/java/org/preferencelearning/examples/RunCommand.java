package org.preferencelearning.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
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
                            + " see (--out), or through one of a distributed file system (--shared); needs SPARK_HOME,"
                            + " or spark-submit.")
    private @Nullable String master;

    @Option(
            names = "--shared",
            paramLabel = "URI",
            description = "With --spark: where executors that do not see --out read and publish results, such as"
                    + " hdfs://host/runs/policy. --out has the same run at the end.")
    private @Nullable URI shared;

    RunCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        SettingException.require(
                shared == null || master != null, "--shared", shared, "used with --spark: without it, all is in --out");
        Study study = StudyJson.read(file.toString(), text());
        StudyResult result =
                master == null ? run.run(study) : run.runOnSpark("--spark", master, Optional.ofNullable(shared), study);
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
