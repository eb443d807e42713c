package org.preferencelearning.gpt2.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;

/**
 * The gradient of the embedding look-up. ND4J's scatter_add loses updates of equal indices when it runs on several threads,
 * so rows of equal tokens are added up here, in the order of their positions, and only then scattered.
 */
final class TokenGradient {
    private TokenGradient() {}

    /**
     * Adds the rows of {@code upstream} to the rows of {@code gradient} that belong to their tokens; padding adds nothing.
     *
     * @param upstream {@code [positions, width]}
     * @param gradient {@code [vocabulary, width]}
     */
    static void add(TokenBatch batch, INDArray upstream, INDArray gradient) {
        int width = (int) upstream.size(1);
        Map<Integer, Integer> rowOfToken = new LinkedHashMap<>();
        int[] rowOfPosition = rows(batch, rowOfToken);
        double[] from = upstream.reshape(upstream.length()).toDoubleVector();
        double[] sums = new double[rowOfToken.size() * width];
        for (int row = 0; row < batch.rows(); row++) {
            TokenSequence sequence = batch.sequences().get(row);
            for (int t = 0; t < sequence.length(); t++) {
                int position = row * batch.length() + t;
                int target = rowOfPosition[position] * width;
                int source = position * width;
                for (int k = 0; k < width; k++) {
                    sums[target + k] += from[source + k];
                }
            }
        }
        int[] tokens = rowOfToken.keySet().stream().mapToInt(Integer::intValue).toArray();
        try (INDArray indices = Nd4j.createFromArray(tokens);
                INDArray wide = Nd4j.createFromArray(sums);
                INDArray updates = wide.castTo(gradient.dataType())) {
            Nd4j.exec(DynamicCustomOp.builder("scatter_add")
                    .addInputs(gradient, indices, updates.reshape(tokens.length, width))
                    .addOutputs(gradient)
                    .build());
        }
    }

    private static int[] rows(TokenBatch batch, Map<Integer, Integer> rowOfToken) {
        int[] rows = new int[batch.ids().length];
        for (int row = 0; row < batch.rows(); row++) {
            for (int t = 0; t < batch.sequences().get(row).length(); t++) {
                int position = row * batch.length() + t;
                Integer known = rowOfToken.putIfAbsent(batch.ids()[position], rowOfToken.size());
                rows[position] = known == null ? rowOfToken.size() - 1 : known;
            }
        }
        return rows;
    }
}
