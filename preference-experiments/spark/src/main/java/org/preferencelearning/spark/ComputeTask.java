package org.preferencelearning.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.experiments.run.RunDirectoryException;
import org.preferencelearning.experiments.run.SharedTask;
import org.preferencelearning.experiments.run.SharedWorker;
import org.preferencelearning.experiments.run.WorkOrder;
import org.preferencelearning.experiments.task.StoppedException;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** What runs on an executor: one task of a wave. */
final class ComputeTask extends AbstractFunction1<Iterator<SharedTask>, Done> implements Serializable {
    private final WorkOrder order;

    ComputeTask(WorkOrder order) {
        this.order = order;
    }

    @Override
    public Done apply(Iterator<SharedTask> tasks) {
        SharedTask task = tasks.next();
        TaskContext context = TaskContext.get();
        SparkEnv environment = SparkEnv.get();
        // unique among the attempts of this application, and of those before it that may still write
        String attempt = environment.conf().getAppId() + "-" + context.taskAttemptId();
        String where = environment.blockManager().blockManagerId().host() + ", executor " + environment.executorId();
        long start = System.nanoTime();
        try {
            SharedWorker.Outcome outcome =
                    SharedWorker.work(order, task, attempt, own(environment), context::isInterrupted);
            return new Done(context.partitionId(), outcome, null, where, seconds(start));
        } catch (StoppedException e) {
            throw e;
        } catch (PreferenceException e) {
            if (e instanceof RunDirectoryException && e.getCause() instanceof IOException) {
                // a disk or network may answer the next attempt
                throw e;
            }
            return new Done(context.partitionId(), null, String.valueOf(e.getMessage()), where, seconds(start));
        }
    }

    /** A folder of the executor that Spark deletes with it. */
    private static Path own(SparkEnv environment) {
        return environment.blockManager().diskBlockManager().localDirs()[0].toPath();
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
