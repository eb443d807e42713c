package org.preferencelearning.examples;

import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.task.Progress;

/**
 * Progress on a terminal: a bar for the study's cells and one for the part at work, with the time left, the speed and what the
 * part says of itself, such as its loss.
 */
final class BarProgress implements Progress, AutoCloseable {
    private static final int MILLIS = 100;

    private final Supplier<ProgressBarConsumer> consumer;
    private @Nullable ProgressBar cells;
    private @Nullable ProgressBar part;

    /** To standard error. */
    BarProgress() {
        this(() -> null);
    }

    /** To what {@code consumer} gives for each bar; null for standard error. */
    BarProgress(Supplier<ProgressBarConsumer> consumer) {
        this.consumer = consumer;
    }

    @Override
    public void run(String study, int count, int tasks) {
        close();
        cells = bar(study, count, " cells");
    }

    @Override
    public void cell(String cell, int done, int count) {
        if (cells != null) {
            cells.stepTo(done);
            cells.setExtraMessage(cell);
            if (done == count) {
                close();
            }
        }
    }

    @Override
    public void begin(String name, long steps) {
        end("");
        part = bar(name, steps, " steps");
    }

    @Override
    public void step(long done, String status) {
        if (part != null) {
            part.stepTo(done);
            part.setExtraMessage(status);
        }
    }

    @Override
    public void end(String summary) {
        if (part != null) {
            if (!summary.isEmpty()) {
                part.stepTo(part.getMax());
                part.setExtraMessage(summary);
            }
            part.close();
            part = null;
        }
    }

    private ProgressBar bar(String name, long most, String unit) {
        ProgressBarConsumer to = consumer.get();
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(most)
                .setUnit(unit, 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(MILLIS)
                .showSpeed();
        return (to == null ? builder : builder.setConsumer(to)).build();
    }

    /** Ends what is drawn. */
    @Override
    public void close() {
        end("");
        if (cells != null) {
            cells.close();
            cells = null;
        }
    }
}
