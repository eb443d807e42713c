package org.preferencelearning.experiments.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.preferencelearning.experiments.task.Checkpoints;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StudyMapper;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.experiments.task.TaskKey;

/**
 * A task at work, and what it may ask for.
 *
 * @param task which
 * @param host what runs it
 * @param checkpoints where its states are kept
 * @param lines take its metrics, a line a step
 */
record RunningTask(Task<?> task, Host host, Checkpoints checkpoints, Consumer<String> lines) implements TaskContext {
    /** What runs tasks. */
    interface Host {
        TaskKey key(Task<?> task);

        /** A task's result: open, read or computed. */
        <A> A result(Task<A> task);

        Progress progress();

        boolean stopAsked();

        /** Throws a {@link org.preferencelearning.experiments.task.StoppedException} if that was asked for. */
        void stopIfAsked();
    }

    /** One whose states and metrics are not kept. */
    static RunningTask unkept(Task<?> task, Host host) {
        return new RunningTask(task, host, Checkpoints.none(), line -> {});
    }

    @Override
    public <B> B get(Task<B> input) {
        TaskKey key = host.key(input);
        if (task.inputs().stream().noneMatch(own -> host.key(own).equals(key))) {
            throw new IllegalArgumentException(input.label() + " is no component of " + task.label());
        }
        return host.result(input);
    }

    @Override
    public void record(long step, Map<String, Double> metrics) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(metrics);
        try {
            lines.accept(StudyMapper.line().writeValueAsString(line));
            host.progress().metrics(host.key(task).folder(), step, metrics);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Progress progress() {
        return host.progress();
    }

    @Override
    public boolean stopAsked() {
        return host.stopAsked();
    }

    @Override
    public void stopIfAsked() {
        host.stopIfAsked();
    }
}
