package org.preferencelearning.spark;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;

/** A whole Spark application that runs one study, for programs that may be started without Spark. */
public final class SparkProgram {
    private static final String HOME = "SPARK_HOME";
    private static final String CONTEXT = "org.apache.spark.SparkContext";

    private SparkProgram() {}

    /**
     * Starts an application, runs a study, and ends the application. Settings are those of {@code spark-submit} and of the
     * properties {@code spark.*}; where these say nothing, an executor has as many cores as a task, a task as many threads, and
     * the program's own jars are sent to executors.
     *
     * @param option what the user calls the master, for messages
     * @param master such as {@code local[2]} or {@code spark://host:7077}
     * @param directory the run directory, which all executors see under the same name unless {@code shared} is there
     * @param shared a folder through which they exchange results otherwise, as for {@link SparkRunner#shared}
     * @throws SettingException if there is no Spark on the class path, or {@code spark-submit} was given another master
     */
    public static StudyResult run(
            String option,
            String master,
            Study study,
            Path directory,
            Optional<URI> shared,
            Progress progress,
            BooleanSupplier stop) {
        requireSpark(option, master);
        return SparkApplication.run(option, master, study, directory, shared, progress, stop);
    }

    private static void requireSpark(String option, String master) {
        try {
            Class.forName(CONTEXT, false, SparkProgram.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            String home = System.getenv(HOME);
            SettingException.require(
                    home == null || home.isBlank(),
                    HOME,
                    home,
                    "the folder of an unpacked Apache Spark 4: its jars are not in " + home + "/jars");
            throw new SettingException(
                    option,
                    master,
                    "used with Apache Spark 4 on the class path, which is no part of this program: unpack one and name its"
                            + " folder by the variable SPARK_HOME, or start the program by spark-submit (docs/spark.md)");
        }
    }
}
