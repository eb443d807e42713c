package org.preferencelearning.examples;

import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.experiments.run.JsonProgress;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.tensorboard.TensorBoardProgress;
import picocli.CommandLine.Option;

/** How a command that runs a study tells, on standard error, how far it is, and where else what it learns is shown. */
final class ProgressOptions {
    /** Forms of progress. */
    enum Form {
        BAR,
        LOG,
        JSON
    }

    @Option(
            names = "--progress",
            paramLabel = "FORM",
            description =
                    "How standard error tells how far it is: bar, log (a line now and then) or json (an event a line)"
                            + " (default: bar on a terminal, log elsewhere).")
    private @Nullable Form form;

    @Option(
            names = "--tensorboard",
            paramLabel = "DIR",
            description = "Also write the metrics of every update to DIR for TensorBoard, a folder a task.")
    private @Nullable Path tensorboard;

    /** Throws if metrics of updates are asked of a study that makes none. */
    void requireNoUpdatesAsked() {
        SettingException.require(
                tensorboard == null, "--tensorboard", tensorboard, "nothing for a study without a model's updates");
    }

    /** Throws if the folder for TensorBoard can be none. */
    void check() {
        checkFolder(tensorboard);
    }

    static void checkFolder(@Nullable Path folder) {
        if (folder != null) {
            SettingException.require(
                    !folder.toString().isBlank()
                            && (!folder.toFile().exists() || folder.toFile().isDirectory()),
                    "--tensorboard",
                    "'" + folder + "'",
                    "the name of a folder, new or not");
        }
    }

    /** Who hears of the run. */
    Progress progress() {
        check();
        Progress told = told();
        return tensorboard == null
                ? told
                : Progress.both(told, new TensorBoardProgress(tensorboard, Clock.systemUTC()));
    }

    private Progress told() {
        boolean terminal = System.console() != null;
        return switch (form == null ? (terminal ? Form.BAR : Form.LOG) : form) {
            case BAR -> new BarProgress();
            case LOG -> new ConsoleProgress(System.err, false, Clock.systemUTC());
            case JSON -> new JsonProgress(System.err, Clock.systemUTC());
        };
    }
}
