package org.preferencelearning.experiments.task;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/** Tells two others what it hears. */
record BothProgress(Progress first, Progress second) implements Progress {
    BothProgress {
        requireNonNull(first, "first");
        requireNonNull(second, "second");
    }

    @Override
    public void run(String study, int cells, int tasks) {
        first.run(study, cells, tasks);
        second.run(study, cells, tasks);
    }

    @Override
    public void task(String id, String label) {
        first.task(id, label);
        second.task(id, label);
    }

    @Override
    public void metrics(String id, long step, Map<String, Double> metrics) {
        first.metrics(id, step, metrics);
        second.metrics(id, step, metrics);
    }

    @Override
    public void taskDone(String id) {
        first.taskDone(id);
        second.taskDone(id);
    }

    @Override
    public void cell(String cell, int done, int cells) {
        first.cell(cell, done, cells);
        second.cell(cell, done, cells);
    }

    @Override
    public void begin(String part, long steps) {
        first.begin(part, steps);
        second.begin(part, steps);
    }

    @Override
    public void step(long done, String status) {
        first.step(done, status);
        second.step(done, status);
    }

    @Override
    public void end(String summary) {
        first.end(summary);
        second.end(summary);
    }
}
