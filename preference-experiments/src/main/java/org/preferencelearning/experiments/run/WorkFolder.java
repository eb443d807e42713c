package org.preferencelearning.experiments.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.preferencelearning.experiments.task.Checkpoints;
import org.preferencelearning.experiments.task.Codec;

/**
 * The states of a task at work, {@code state-N}, of which the newest are kept, each with the metrics so far; or the parts of
 * its result that are there, {@code part-N}. Where several
 * attempts at the task use one folder, each goes on from any state of it: they are states of the same work.
 */
final class WorkFolder implements Checkpoints {
    /** A task's metrics, one step a line; in every state those so far. */
    static final String METRICS = "metrics.jsonl";

    private static final String STATE = "state-";
    private static final String PART = "part-";

    private final Path folder;
    private final Exchange exchange;
    private final String attempt;
    private final Saving saving;
    private final Aside aside;
    private final LongConsumer took;
    private final List<String> metrics = new ArrayList<>();
    private long savedAt = System.nanoTime();
    private long pause;

    /** Sets a damaged folder aside. */
    @FunctionalInterface
    interface Aside {
        void move(Path folder, String damage) throws IOException;
    }

    /**
     * A folder that need not be there.
     *
     * @param exchange with the other processes that work on the run
     * @param attempt tells this one from others that may use the folder; empty if none may
     * @param took hears how many nanoseconds each save took
     */
    WorkFolder(Path folder, Exchange exchange, String attempt, Saving saving, Aside aside, LongConsumer took) {
        this.folder = folder;
        this.exchange = exchange;
        this.attempt = attempt;
        this.saving = saving;
        this.aside = aside;
        this.took = took;
        this.pause = saving.pause(0);
    }

    /** Remembers a step's metrics. */
    void record(String line) {
        metrics.add(line);
    }

    /** The metrics so far, a line each. */
    List<String> metrics() {
        return metrics;
    }

    @Override
    public boolean restore(Consumer<Path> reader) {
        try {
            exchange.bringAll(folder, STATE);
            List<Path> states = states();
            for (int i = states.size() - 1; i >= 0; i--) {
                Path state = states.get(i);
                String damage = SealedFolder.damage(state);
                if (damage == null) {
                    reader.accept(state);
                    metrics.clear();
                    metrics.addAll(Files.readAllLines(state.resolve(METRICS)));
                    return true;
                }
                aside.move(state, damage);
            }
            return false;
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "cannot be read: " + e, e);
        }
    }

    @Override
    public boolean due() {
        return System.nanoTime() - savedAt >= pause;
    }

    @Override
    public void save(Consumer<Path> writer) {
        long start = System.nanoTime();
        try {
            Files.createDirectories(folder);
            List<Path> states = states();
            int next = states.isEmpty() ? 1 : number(states.get(states.size() - 1)) + 1;
            SealedFolder filled = SealedFolder.fill(folder.resolve(STATE + next), attempt, state -> {
                writer.accept(state);
                Files.write(state.resolve(METRICS), metrics);
            });
            // a state of the same number by another attempt serves as well
            exchange.publish(filled, folder.resolve(STATE + next));
            for (int i = 0; i <= states.size() - saving.states(); i++) {
                SealedFolder.deleteShared(states.get(i), attempt);
                exchange.delete(states.get(i));
            }
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "a state cannot be written: " + e, e);
        }
        saved(start);
    }

    @Override
    public <P> Optional<P> part(int part, Codec<P> codec) {
        Path place = part(part);
        try {
            exchange.bring(place);
            if (!Files.isDirectory(place)) {
                return Optional.empty();
            }
            String damage = SealedFolder.damage(place);
            if (damage != null) {
                aside.move(place, damage);
                return Optional.empty();
            }
            return Optional.of(codec.read(place));
        } catch (IOException e) {
            throw new RunDirectoryException(place, "cannot be read: " + e, e);
        }
    }

    @Override
    public <P> void keepPart(int part, P result, Codec<P> codec) {
        keepPartIfFirst(part, result, codec);
    }

    /**
     * Keeps a part unless another attempt has done so.
     *
     * @return whether this one's is kept
     */
    <P> boolean keepPartIfFirst(int part, P result, Codec<P> codec) {
        long start = System.nanoTime();
        try {
            Files.createDirectories(folder);
            Path place = part(part);
            boolean first =
                    exchange.publish(SealedFolder.fill(place, attempt, fresh -> codec.write(result, fresh)), place);
            saved(start);
            return first;
        } catch (IOException e) {
            throw new RunDirectoryException(folder, "a part cannot be written: " + e, e);
        }
    }

    /** Whether a part is kept, whole or damaged. */
    boolean holdsPart(int part) {
        try {
            return exchange.holds(part(part));
        } catch (IOException e) {
            throw new RunDirectoryException(part(part), "cannot be read: " + e, e);
        }
    }

    private Path part(int part) {
        return folder.resolve(PART + part);
    }

    private void saved(long start) {
        savedAt = System.nanoTime();
        pause = saving.pause(savedAt - start);
        took.accept(savedAt - start);
    }

    /** Those here and those in the store, oldest first. */
    private List<Path> states() throws IOException {
        Set<String> names = new HashSet<>(exchange.names(folder));
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                all.forEach(path -> names.add(path.getFileName().toString()));
            }
        }
        return names.stream()
                .filter(name -> name.matches(STATE + "\\d+"))
                .map(folder::resolve)
                .sorted(Comparator.comparingInt(WorkFolder::number))
                .toList();
    }

    private static int number(Path state) {
        return Integer.parseInt(state.getFileName().toString().substring(STATE.length()));
    }
}
