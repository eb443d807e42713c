package org.preferencelearning.spark;

import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.jdk.javaapi.CollectionConverters;

/** Counts the Spark tasks of a group of jobs that are at work, so that those that are told to stop can be waited for. */
final class RunningTasks extends SparkListener {
    private static final long LATE_MILLIS = 300;

    private final String group;
    private final Set<Object> stages = new HashSet<>();
    private int running;

    RunningTasks(String group) {
        this.group = group;
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart event) {
        Properties properties = event.properties();
        if (properties != null && group.equals(properties.getProperty("spark.jobGroup.id"))) {
            stages.addAll(CollectionConverters.asJava(event.stageIds()));
        }
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart event) {
        if (stages.contains(event.stageId())) {
            running++;
        }
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
        if (stages.contains(event.stageId())) {
            running--;
            notifyAll();
        }
    }

    /** Waits until none is at work, at most so long. */
    synchronized void await(long seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            // Spark tells of tasks a little after they begin
            wait(LATE_MILLIS);
            while (running > 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
