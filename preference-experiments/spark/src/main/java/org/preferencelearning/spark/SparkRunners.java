package org.preferencelearning.spark;

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
     * @param directory a folder that the driver and all executors see under the same name
     */
    public static SparkRunner spark(SparkContext context, Path directory) {
        return new SparkRunner(context, directory);
    }

    /**
     * As {@link #spark(SparkContext, Path)}.
     *
     * @param directory of the scheme {@code file}
     * @throws SettingException naming another scheme: results are published by renaming a folder, which is tried on folders
     *     that are mounted alone
     */
    public static SparkRunner spark(SparkContext context, URI directory) {
        SettingException.require(
                "file".equalsIgnoreCase(directory.getScheme()),
                "directory",
                directory,
                "a URI that begins with file:, of a folder that the driver and all executors have mounted under the same"
                        + " name; mount what lies elsewhere (hdfs, s3a and others are not read)");
        return spark(context, Path.of(directory));
    }
}
