package org.preferencelearning.spark;

import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What of an application's settings matters to studies. */
final class ClusterSettings {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterSettings.class);

    /** The variable that says how many threads a task's products have, as Spark sets it where executors start. */
    static final String THREADS = "spark.executorEnv.OMP_NUM_THREADS";

    static final String EXECUTOR_CORES = "spark.executor.cores";
    static final String TASK_CORES = "spark.task.cpus";

    static final String OVERHEAD = "spark.executor.memoryOverhead";
    static final String HEAP = "spark.executor.memory";
    /** What Spark gives beside the heap where nothing is said. */
    private static final double USUAL_SHARE = 0.1;

    private static final long LEAST_MEBIBYTES = 384;
    /** Of the libraries themselves and of buffers. */
    private static final long SPARE_MEBIBYTES = 500;

    private ClusterSettings() {}

    /**
     * Says so where executors have less memory beside their heap than a study's models take at the worst time: YARN and Kubernetes
     * kill an executor that takes more than it has.
     *
     * @param plannedBytes of one model at work
     */
    static Optional<String> tooLittleMemory(SparkConf settings, long plannedBytes) {
        long heap = settings.getSizeAsMb(HEAP, "1g");
        long usual = Math.max(LEAST_MEBIBYTES, (long) (USUAL_SHARE * heap));
        long given = settings.getSizeAsMb(OVERHEAD, usual + "m");
        long needed = plannedBytes / (1 << 20) + 1;
        return given >= needed
                ? Optional.empty()
                : Optional.of(OVERHEAD + " is " + given + " MiB, and the study's plan has up to " + needed
                        + " MiB of native memory: where executors are held to what they were given (YARN, Kubernetes), they"
                        + " would be killed; set at least " + (needed + SPARE_MEBIBYTES) + "m");
    }

    /** How many threads executors are given; empty where that is this process's own environment, or was not said. */
    static Optional<String> threads(SparkContext context) {
        SparkConf settings = context.conf();
        return !context.isLocal() && settings.contains(THREADS) ? Optional.of(settings.get(THREADS)) : Optional.empty();
    }

    /** Says what costs time; what costs bits is refused where tasks run. */
    static void warn(SparkContext context) {
        SparkConf settings = context.conf();
        int cores = settings.getInt(EXECUTOR_CORES, 0);
        int ofTask = settings.getInt(TASK_CORES, 1);
        if (!context.isLocal() && cores > ofTask) {
            LOG.warn(
                    "{} is {} and {} is {}: tasks of models wait for each other in an executor; set the two to the same"
                            + " number, and {} too",
                    EXECUTOR_CORES,
                    cores,
                    TASK_CORES,
                    ofTask,
                    THREADS);
        }
    }
}
