package org.preferencelearning.spark;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.Progress;
import scala.Tuple2;

/** What {@link SparkProgram} does once Spark is known to be there. */
final class SparkApplication {
    private static final String MASTER = "spark.master";
    private static final String NAME = "spark.app.name";
    private static final String JARS = "spark.jars";
    private static final String HADOOP = "spark.hadoop.";

    private SparkApplication() {}

    static StudyResult run(
            String option,
            String master,
            Study study,
            Path directory,
            Optional<URI> shared,
            Progress progress,
            BooleanSupplier stop) {
        SparkConf conf = conf(option, master, study);
        // before the application, which takes its time to start
        shared.ifPresent(folder -> HadoopStore.of(folder, hadoop(conf)));
        SparkContext context = start(option, master, conf);
        try {
            SparkRunner runner = SparkRunners.spark(context, directory);
            return shared.map(runner::shared)
                    .orElse(runner)
                    .progress(progress)
                    .stopWhen(stop)
                    .run(study);
        } finally {
            context.stop();
        }
    }

    private static SparkContext start(String option, String master, SparkConf conf) {
        try {
            return new SparkContext(conf);
        } catch (Exception e) {
            // Spark's own are checked ones, which Scala does not declare
            if (!(e instanceof RuntimeException)) {
                throw new SettingException(
                        option,
                        master,
                        "a master such as local[2], spark://host:7077, yarn or k8s://...; Spark says: "
                                + e.getMessage());
            }
            throw e;
        }
    }

    /** As Spark will have it. */
    private static Configuration hadoop(SparkConf conf) {
        Configuration configuration = new Configuration();
        for (Tuple2<String, String> one : conf.getAllWithPrefix(HADOOP)) {
            configuration.set(one._1(), one._2());
        }
        return configuration;
    }

    static SparkConf conf(String option, String master, Study study) {
        SparkConf conf = new SparkConf();
        SettingException.require(
                !conf.contains(MASTER) || conf.get(MASTER).equals(master),
                option,
                master,
                conf.get(MASTER, "") + ", the master that spark-submit or " + MASTER + " names");
        conf.setMaster(master);
        conf.setIfMissing(NAME, "preference: " + study.name());
        String ofTask = conf.get(ClusterSettings.TASK_CORES, "1");
        conf.setIfMissing(ClusterSettings.EXECUTOR_CORES, ofTask);
        conf.setIfMissing(ClusterSettings.THREADS, ofTask);
        if (!master.startsWith("local")) {
            conf.setIfMissing(JARS, String.join(",", ProgramJars.ofThisProcess()));
        }
        return conf;
    }
}
