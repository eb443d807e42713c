package org.preferencelearning.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.task.TaskContext;

/**
 * A study of cells of which the first attempt at one hangs, as on a machine that is out of breath.
 *
 * @param count of its cells
 * @param folder where each attempt at that cell leaves a file: {@code begun}, then {@code second}
 * @param seconds that the first one hangs
 */
record SlowOnce(String name, int count, String folder, int seconds) implements Study {
    /** A cell whose result is its number. */
    record SlowCell(int number, String folder, int seconds) implements Measuring {
        @Override
        public Measurements run(TaskContext context) {
            try {
                if (number == 0) {
                    attempt();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Measurements.builder().add("number", number, "").build(0);
        }

        private void attempt() throws IOException {
            try {
                Files.createFile(Path.of(folder, "begun"));
            } catch (FileAlreadyExistsException e) {
                Files.createFile(Path.of(folder, "second"));
                return;
            }
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            // Spark interrupts who comes too late; a task in native code would not hear it
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            Files.createFile(Path.of(folder, "late"));
        }

        @Override
        public String label() {
            return "number " + number;
        }
    }

    @Override
    public List<Claim> claims() {
        return List.of();
    }

    @Override
    public List<Cell> cells(Contents contents) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Cell(CellId.of(CellId.SEED, i), new SlowCell(i, folder, seconds)))
                .toList();
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return Map.of(
                CellId.SEED,
                IntStream.range(0, count).mapToObj(Integer::toString).toList());
    }

    @Override
    public List<String> metrics() {
        return List.of("number");
    }
}
