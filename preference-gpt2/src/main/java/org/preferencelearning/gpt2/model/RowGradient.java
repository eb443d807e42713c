package org.preferencelearning.gpt2.model;

import java.util.LinkedHashMap;
import java.util.Map;
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
        int width = (int) upstream.size(1);
        Map<Integer, Integer> sumOfIndex = new LinkedHashMap<>();
        int[] sumOfPosition = sums(batch, indices, sumOfIndex);
        double[] from = upstream.reshape(upstream.length()).toDoubleVector();
        double[] sums = new double[sumOfIndex.size() * width];
        for (int row = 0; row < batch.rows(); row++) {
            int start = row * batch.length();
            for (int position = start; position < start + batch.used(row); position++) {
                int target = sumOfPosition[position] * width;
                int source = position * width;
                for (int k = 0; k < width; k++) {
                    sums[target + k] += from[source + k];
                }
            }
        }
        int[] rows = sumOfIndex.keySet().stream().mapToInt(Integer::intValue).toArray();
        try (INDArray places = Nd4j.createFromArray(rows);
                INDArray wide = Nd4j.createFromArray(sums);
                INDArray updates = wide.castTo(gradient.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(gradient, places, updates.reshape(rows.length, width))
                    .addOutputs(gradient)
                    .build());
        }
    }

    /** For each position, which sum it belongs to. */
    private static int[] sums(TokenBatch batch, int[] indices, Map<Integer, Integer> sumOfIndex) {
        int[] sums = new int[indices.length];
        for (int row = 0; row < batch.rows(); row++) {
            int start = row * batch.length();
            for (int position = start; position < start + batch.used(row); position++) {
                Integer known = sumOfIndex.putIfAbsent(indices[position], sumOfIndex.size());
                sums[position] = known == null ? sumOfIndex.size() - 1 : known;
            }
        }
        return sums;
    }
}
