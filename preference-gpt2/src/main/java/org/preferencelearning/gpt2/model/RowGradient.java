package org.preferencelearning.gpt2.model;

import com.google.common.primitives.Doubles;
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
     * Adds the rows of {@code updates} that {@code which} names to rows of {@code target}, added up in that order first.
     *
     * @param indices the row of {@code target} for each row of {@code updates}
     * @param updates row after row
     * @param target {@code [rows, width]}
     */
    static void add(int[] which, int[] indices, double[] updates, INDArray target) {
        int width = (int) target.size(1);
        Map<Integer, double[]> sums = new LinkedHashMap<>();
        addTo(sums, which, indices, updates, width);
        int[] rows = sums.keySet().stream().mapToInt(Integer::intValue).toArray();
        try (INDArray places = Nd4j.createFromArray(rows);
                INDArray wide =
                        Nd4j.createFromArray(Doubles.concat(sums.values().toArray(double[][]::new)));
                INDArray narrow = wide.castTo(target.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(target, places, narrow.reshape(rows.length, width))
                    .addOutputs(target)
                    .build());
        }
    }

    /** As {@link #add}, to rows of which only those that something was added to are there. */
    static void addTo(Map<Integer, double[]> sums, int[] which, int[] indices, double[] updates, int width) {
        for (int row : which) {
            double[] sum = sums.computeIfAbsent(indices[row], any -> new double[width]);
            int from = row * width;
            for (int k = 0; k < width; k++) {
                sum[k] += updates[from + k];
            }
        }
    }
}
