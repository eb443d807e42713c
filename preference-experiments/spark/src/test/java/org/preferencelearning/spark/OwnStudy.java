package org.preferencelearning.spark;

import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
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
 * A study of a test's own.
 *
 * @param name of it
 * @param count of its cells
 */
record OwnStudy(String name, int count) implements Study {
    /** What a cell does in this process while it is computed. */
    static volatile IntConsumer during = number -> {};

    /** A cell whose result is its number. */
    record OwnCell(int number) implements Measuring {
        @Override
        public Measurements run(TaskContext context) {
            during.accept(number);
            return Measurements.builder().add("number", number, "").build(0);
        }

        @Override
        public boolean small() {
            return true;
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
                .mapToObj(i -> new Cell(CellId.of(CellId.SEED, i), new OwnCell(i)))
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
