package org.preferencelearning.gpt2.model;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;

/**
 * Rows of the two embedding tables, added, for a fixed number of tokens. ND4J's gather is right forward; only its gradient
 * is not.
 */
final class EmbeddingLookup implements AutoCloseable {
    private final INDArray tokenTable;
    private final INDArray positionTable;
    private final INDArray ids;
    private final INDArray positions;
    private final INDArray embedded;
    private final INDArray positionRows;

    EmbeddingLookup(ParameterStore parameters, int count) {
        tokenTable = parameters.get(Gpt2Body.TOKEN_EMBEDDING).value();
        positionTable = parameters.get(Gpt2Body.POSITION_EMBEDDING).value();
        ids = Nd4j.create(DataType.INT32, count);
        positions = Nd4j.create(DataType.INT32, count);
        embedded = Nd4j.create(tokenTable.dataType(), count, tokenTable.size(1));
        positionRows = Nd4j.create(tokenTable.dataType(), count, tokenTable.size(1));
    }

    /** The result, {@code [count, width]}: one array, written by {@link #run}. */
    INDArray embedded() {
        return embedded;
    }

    /** Embeds tokens at positions. */
    void run(int[] tokens, int[] places) {
        gather(tokenTable, ids, tokens, embedded);
        gather(positionTable, positions, places, positionRows);
        Nd4j.exec(DynamicCustomOp.builder("add")
                .addInputs(embedded, positionRows)
                .addOutputs(embedded)
                .build());
    }

    private static void gather(INDArray table, INDArray indices, int[] values, INDArray rows) {
        try (INDArray fresh = Nd4j.createFromArray(values)) {
            indices.assign(fresh);
        }
        gather(table, indices, rows);
    }

    /** Copies the rows of {@code table} that {@code indices} name to {@code rows}. */
    static void gather(INDArray table, INDArray indices, INDArray rows) {
        Nd4j.exec(DynamicCustomOp.builder("gather")
                .addInputs(table, indices)
                .addOutputs(rows)
                .addIntegerArguments(0)
                .build());
    }

    @Override
    public void close() {
        ids.close();
        positions.close();
        embedded.close();
        positionRows.close();
    }
}
