package org.preferencelearning.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.Study;

/**
 * Measures a study of 24 equal cells: {@code docs/spark.md} says how. The first argument is {@code local}, {@code workers}, or a
 * local master; the others are a folder and the number of epochs.
 */
final class EqualCellsMeasurement {
    private static final int CELLS = 24;

    private EqualCellsMeasurement() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        Study study = TinyStudies.equalCells(CELLS, Integer.parseInt(arguments[2]));
        Path run = folder.resolve("run");
        switch (arguments[0]) {
            case "local" -> {
                long start = System.nanoTime();
                Runners.local(run).run(study);
                tell(arguments[0], start, cpu(), "");
            }
            case "workers" -> {
                try (StandaloneCluster cluster = new StandaloneCluster(folder, 2)) {
                    SparkContext context = cluster.context();
                    onSpark(context, study, run, arguments[0], cluster);
                }
            }
            default -> onSpark(Clusters.local(2), study, run, arguments[0], null);
        }
    }

    private static void onSpark(SparkContext context, Study study, Path run, String name, StandaloneCluster cluster) {
        Overheads overheads = new Overheads();
        context.addSparkListener(overheads);
        long start = System.nanoTime();
        SparkRunners.spark(context, run).run(study);
        Duration elsewhere = cluster == null ? Duration.ZERO : cluster.executorsTime();
        tell(name, start, cpu().plus(elsewhere), overheads.toString());
        context.stop();
    }

    private static Duration cpu() {
        return Duration.ofNanos(
                ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime());
    }

    private static void tell(String name, long start, Duration cpu, String more) {
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f s, processors %.1f s%s%n",
                name,
                (System.nanoTime() - start) / 1e9,
                cpu.toMillis() / 1e3,
                more);
    }

    /** What Spark says of its own share. */
    private static final class Overheads extends SparkListener {
        private final LongAdder tasks = new LongAdder();
        private final LongAdder duration = new LongAdder();
        private final LongAdder run = new LongAdder();
        private final LongAdder deserialisation = new LongAdder();
        private final LongAdder collection = new LongAdder();

        @Override
        public void onTaskEnd(SparkListenerTaskEnd event) {
            tasks.increment();
            duration.add(event.taskInfo().duration());
            run.add(event.taskMetrics().executorRunTime());
            deserialisation.add(event.taskMetrics().executorDeserializeTime());
            collection.add(event.taskMetrics().jvmGCTime());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "; %d tasks, a task: %.0f ms, of them %.0f ms its run; deserialisation %.0f ms, collection %.0f ms",
                    tasks.sum(),
                    mean(duration),
                    mean(run),
                    mean(deserialisation),
                    mean(collection));
        }

        private double mean(LongAdder sum) {
            return sum.sum() / (double) Math.max(1, tasks.sum());
        }
    }
}
