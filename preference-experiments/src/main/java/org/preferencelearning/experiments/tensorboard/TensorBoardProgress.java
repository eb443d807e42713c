package org.preferencelearning.experiments.tensorboard;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.preferencelearning.experiments.task.Progress;

/**
 * Writes what tasks record for TensorBoard: a folder for each task, by its id, with the names of TRL's trainers
 * ({@code train/loss}, {@code train/rewards/margins}).
 */
public final class TensorBoardProgress implements Progress, AutoCloseable {
    /** What Hugging Face's trainers put before the names of what they log in training. */
    private static final String TRAIN = "train/";

    private static final long FLUSH_MILLIS = 2000;

    private final Path folder;
    private final Clock clock;
    private final Map<String, EventFile> files = new LinkedHashMap<>();
    private long flushed;

    /**
     * Writes into {@code folder}.
     *
     * @param clock gives the wall time of events
     */
    public TensorBoardProgress(Path folder, Clock clock) {
        this.folder = requireNonNull(folder, "folder");
        this.clock = requireNonNull(clock, "clock");
    }

    @Override
    public void metrics(String id, long step, Map<String, Double> metrics) {
        EventFile file = files.computeIfAbsent(id, key -> EventFile.in(folder.resolve(key), clock));
        file.add(step, named(metrics));
        if (clock.millis() - flushed >= FLUSH_MILLIS) {
            flushed = clock.millis();
            file.flush();
        }
    }

    /** Metrics under the names that Hugging Face's trainers give them. */
    public static Map<String, Double> named(Map<String, Double> metrics) {
        Map<String, Double> named = new LinkedHashMap<>();
        metrics.forEach((name, value) -> named.put(TRAIN + name, value));
        return named;
    }

    @Override
    public void taskDone(String id) {
        EventFile file = files.remove(id);
        if (file != null) {
            file.close();
        }
    }

    @Override
    public void begin(String part, long steps) {}

    @Override
    public void step(long done, String status) {}

    @Override
    public void end(String summary) {}

    /** Closes the files of tasks that did not end. */
    @Override
    public void close() {
        files.values().forEach(EventFile::close);
        files.clear();
    }
}
