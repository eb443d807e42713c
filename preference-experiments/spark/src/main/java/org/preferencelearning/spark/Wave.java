package org.preferencelearning.spark;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.run.SharedRun;
import org.preferencelearning.experiments.run.SharedTask;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StoppedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** Tasks that are computed side by side: one Spark job of one stage, a task each. */
final class Wave {
    private static final Logger LOG = LoggerFactory.getLogger(Wave.class);
    private static final long POLL_MILLIS = 50;
    /** How long tasks that are told to stop have to save their states. */
    private static final long STOP_SECONDS = 120;

    private final SparkContext context;
    private final SharedRun run;
    private final List<SharedTask> tasks;
    private final Progress progress;
    private final BooleanSupplier stop;
    private final BlockingQueue<Done> done = new LinkedBlockingQueue<>();

    Wave(SparkContext context, SharedRun run, List<SharedTask> tasks, Progress progress, BooleanSupplier stop) {
        this.context = context;
        this.run = run;
        this.tasks = tasks;
        this.progress = progress;
        this.stop = stop;
    }

    /** Computes all of it, and tells the run of each task as soon as it is published. */
    void compute(int number, int waves) {
        String name = name(number, waves);
        String group = run.order().run() + " wave " + number;
        RunningTasks running = new RunningTasks(group);
        context.addSparkListener(running);
        context.setJobGroup(group, name, false);
        // the name of the stage
        context.setCallSite(name);
        progress.begin(name, tasks.size());
        try {
            follow(submit(), group, running);
        } finally {
            context.clearCallSite();
            context.clearJobGroup();
            context.removeSparkListener(running);
        }
        progress.end("");
    }

    private String name(int number, int waves) {
        Map<String, Long> kinds = tasks.stream()
                .collect(Collectors.groupingBy(SharedTask::kind, LinkedHashMap::new, Collectors.counting()));
        return "wave " + number + " of " + waves + ": "
                + kinds.entrySet().stream()
                        .map(kind -> kind.getValue() + " " + kind.getKey())
                        .collect(Collectors.joining(", "));
    }

    private SimpleFutureAction<Object> submit() {
        RDD<SharedTask> each = JavaSparkContext.fromSparkContext(context)
                .parallelize(tasks, tasks.size())
                .rdd();
        List<Object> all =
                IntStream.range(0, tasks.size()).mapToObj(i -> (Object) i).toList();
        return context.submitJob(
                each,
                new ComputeTask(run.order()),
                CollectionConverters.asScala(all).toSeq(),
                new AbstractFunction2<Object, Done, BoxedUnit>() {
                    @Override
                    public BoxedUnit apply(Object partition, Done result) {
                        done.add(result);
                        return BoxedUnit.UNIT;
                    }
                },
                new AbstractFunction0<Object>() {
                    @Override
                    public Object apply() {
                        return BoxedUnit.UNIT;
                    }
                });
    }

    private void follow(SimpleFutureAction<Object> job, String group, RunningTasks running) {
        int published = 0;
        while (true) {
            boolean ended = job.isCompleted();
            Done result = poll(ended ? 0 : POLL_MILLIS);
            if (result != null) {
                requireFine(result, group, running);
                SharedTask task = tasks.get(result.place());
                run.published(task);
                LOG.info(
                        "{} ({}): {} by {} in {} s",
                        task.label(),
                        task.id(),
                        requireNonNull(result.outcome(), "outcome").name().toLowerCase(Locale.ROOT),
                        result.where(),
                        String.format(Locale.ROOT, "%.2f", result.seconds()));
                progress.step(++published, task.label());
            } else if (ended) {
                break;
            }
            if (stop.getAsBoolean()) {
                cancel(group, running);
                throw new StoppedException("stopped as asked: finished tasks are in "
                        + run.order().directory() + ", and so are the states of those at work; resume it to go on");
            }
        }
        if (job.value().get().isFailure()) {
            Throwable cause = job.value().get().failed().get();
            if (context.isStopped()) {
                throw SparkRunException.ended(context.master(), cause);
            }
            running.await(STOP_SECONDS);
            throw new SparkRunException(
                    "Spark gave up: " + firstLine(cause.getMessage()) + "; what was published is in "
                            + run.order().directory()
                            + ". Where an executor was killed for its memory, raise spark.executor.memoryOverhead: models"
                            + " live outside the heap",
                    cause);
        }
    }

    private Done poll(long millis) {
        try {
            return done.poll(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a wave was computed", e);
        }
    }

    private void requireFine(Done result, String group, RunningTasks running) {
        if (result.problem() != null) {
            cancel(group, running);
            SharedTask task = tasks.get(result.place());
            throw new SparkRunException(
                    task.label() + " (" + task.id() + ") on " + result.where() + ": " + result.problem(), null);
        }
    }

    private void cancel(String group, RunningTasks running) {
        context.cancelJobGroup(group);
        running.await(STOP_SECONDS);
    }

    private static String firstLine(@Nullable String text) {
        return text == null ? "" : text.strip().lines().findFirst().orElse("");
    }
}
