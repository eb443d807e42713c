package org.preferencelearning.experiments.run;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.preferencelearning.experiments.task.Progress;
import org.preferencelearning.experiments.task.StudyMapper;

/**
 * Progress for programs: a JSON object a line. Each has {@code event} and {@code seconds} since the first event; the others, by
 * event:
 *
 * <pre>
 * run    study, cells, tasks           a run begins; tasks to compute
 * task   task, label                   a task begins; its id is the name of its folder in the run
 * part   task, part, steps             a part of a task begins
 * step   task, part, done, steps, status, metrics
 *                                      where it is, at most once a second; metrics only where the task records some
 * end    task, part, steps, summary    the part is done
 * done   task                          the task is done
 * cell   cell, done, cells             a cell's result is there, computed or found
 * </pre>
 */
public final class JsonProgress implements Progress {
    private static final long MILLIS = 1000;

    private final PrintStream out;
    private final Clock clock;
    /** Tasks that have begun and not ended, the innermost first. */
    private final Deque<String> tasks = new ArrayDeque<>();

    private long started = -1;
    private long told;
    private String part = "";
    private long steps;
    private Map<String, Double> metrics = Map.of();

    public JsonProgress(PrintStream out, Clock clock) {
        this.out = requireNonNull(out, "out");
        this.clock = requireNonNull(clock, "clock");
    }

    @Override
    public void run(String study, int cells, int tasks) {
        Map<String, Object> event = event("run");
        event.put("study", study);
        event.put("cells", cells);
        event.put("tasks", tasks);
        print(event);
    }

    @Override
    public void task(String id, String label) {
        tasks.push(id);
        metrics = Map.of();
        Map<String, Object> event = event("task");
        event.put("task", id);
        event.put("label", label);
        print(event);
    }

    @Override
    public void metrics(String id, long step, Map<String, Double> metrics) {
        this.metrics = metrics;
    }

    @Override
    public void taskDone(String id) {
        tasks.remove(id);
        Map<String, Object> event = event("done");
        event.put("task", id);
        print(event);
    }

    @Override
    public void cell(String cell, int done, int cells) {
        Map<String, Object> event = event("cell");
        event.put("cell", cell);
        event.put("done", done);
        event.put("cells", cells);
        print(event);
    }

    @Override
    public void begin(String part, long steps) {
        this.part = part;
        this.steps = steps;
        Map<String, Object> event = ofPart("part");
        event.put("steps", steps);
        print(event);
        told = clock.millis();
    }

    @Override
    public void step(long done, String status) {
        if (clock.millis() - told < MILLIS) {
            return;
        }
        told = clock.millis();
        Map<String, Object> event = ofPart("step");
        event.put("done", done);
        event.put("steps", steps);
        event.put("status", status);
        if (!metrics.isEmpty()) {
            event.put("metrics", metrics);
        }
        print(event);
    }

    @Override
    public void end(String summary) {
        Map<String, Object> event = ofPart("end");
        event.put("steps", steps);
        event.put("summary", summary);
        print(event);
    }

    private Map<String, Object> ofPart(String name) {
        Map<String, Object> event = event(name);
        if (!tasks.isEmpty()) {
            event.put("task", tasks.peek());
        }
        event.put("part", part);
        return event;
    }

    private Map<String, Object> event(String name) {
        long now = clock.millis();
        started = started < 0 ? now : started;
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("event", name);
        event.put("seconds", (now - started) / 1000.0);
        return event;
    }

    private void print(Map<String, Object> event) {
        try {
            out.println(StudyMapper.line().writeValueAsString(event));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
