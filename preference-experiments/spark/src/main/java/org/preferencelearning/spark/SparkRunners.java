package org.preferencelearning.spark;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import org.apache.spark.SparkContext;
import org.preferencelearning.core.error.SettingException;

/** The ways to run a study on Apache Spark. */
public final class SparkRunners {
    private SparkRunners() {}

    /**
     * On the executors of a session's context ({@code session.sparkContext()}), keeping every result in {@code directory}:
     * absent, empty, or a run of the same study, which it goes on with where it was, whoever began it.
     *
     * @param directory a folder that the driver and all executors see under the same name, or, with
     *     {@link SparkRunner#shared}, one that the driver sees
     */
    public static SparkRunner spark(SparkContext context, Path directory) {
        return new SparkRunner(context, requireNonNull(directory, "directory"));
    }

    /**
     * On the executors of a session's context, keeping every result in a folder of any file system that Hadoop reads
     * ({@code hdfs:}, {@code s3a:} and others, as the context's configuration has them): what {@link #spark(SparkContext, Path)}
     * does with a temporary folder and {@link SparkRunner#shared}.
     *
     * @param directory a URI with its scheme; of {@code file} it is a folder that driver and executors see under the same name
     * @throws SettingException naming a scheme that no file system is known for
     */
    public static SparkRunner spark(SparkContext context, URI directory) {
        return "file".equalsIgnoreCase(directory.getScheme())
                ? spark(context, Path.of(directory))
                : new SparkRunner(context, null).shared(directory);
    }
}
