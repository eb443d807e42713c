package org.preferencelearning.gpt2.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The gradient of looking up rows of an embedding table. ND4J's scatter_add loses updates of equal indices when it runs on
 * several threads, so what belongs to one row is added up here, in the order of positions, and only then scattered.
 */
final class RowGradient {
    private RowGradient() {}

    /**
     * Adds the rows of {@code upstream} to the rows of {@code gradient} that were looked up; padding adds nothing.
     *
     * @param indices the row of the table that each position looked up
     * @param upstream {@code [positions, width]}
     * @param gradient {@code [rows of the table, width]}
     */
    static void add(TokenBatch batch, int[] indices, INDArray upstream, INDArray gradient) {
        int[] real = IntStream.range(0, batch.rows())
                .flatMap(row -> IntStream.range(row * batch.length(), row * batch.length() + batch.used(row)))
                .toArray();
        add(real, indices, HostValues.of(upstream), gradient);
    }

    /**
     * Adds the rows of {@code updates} that {@code which} names to rows of {@code target}, added up in that order first.
     *
     * @param indices the row of {@code target} for each row of {@code updates}
     * @param updates row after row
     * @param target {@code [rows, width]}
     */
    static void add(int[] which, int[] indices, double[] updates, INDArray target) {
        int width = (int) target.size(1);
        Map<Integer, Integer> sumOfIndex = new LinkedHashMap<>();
        for (int row : which) {
            sumOfIndex.putIfAbsent(indices[row], sumOfIndex.size());
        }
        double[] sums = new double[sumOfIndex.size() * width];
        for (int row : which) {
            int to = sumOfIndex.get(indices[row]) * width;
            int from = row * width;
            for (int k = 0; k < width; k++) {
                sums[to + k] += updates[from + k];
            }
        }
        int[] rows = sumOfIndex.keySet().stream().mapToInt(Integer::intValue).toArray();
        try (INDArray places = Nd4j.createFromArray(rows);
                INDArray wide = Nd4j.createFromArray(sums);
                INDArray narrow = wide.castTo(target.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(target, places, narrow.reshape(rows.length, width))
                    .addOutputs(target)
                    .build());
        }
    }
}
