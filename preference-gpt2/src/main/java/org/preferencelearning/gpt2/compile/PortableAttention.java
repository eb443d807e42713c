package org.preferencelearning.gpt2.compile;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Attention with a cache, made of ND4J's operations: for every backend and type, where there are no kernels of the whole
 * dialect. Forward only.
 */
final class PortableAttention implements KernelSet {
    private final TransformerShape shape;
    private final KeyValueCache cache;
    private int layers;

    /** @param shape with a cache */
    PortableAttention(TransformerShape shape) {
        this.shape = shape;
        this.cache = shape.cache()
                .orElseThrow(() -> new UnsupportedGraphException(FusedOperations.ATTENTION, "there is no cache"));
    }

    @Override
    public Optional<Step> step(String operation, List<String> inputNames, List<INDArray> inputs) {
        return operation.equals(FusedOperations.ATTENTION)
                ? Optional.of(new Attention(inputs.get(0), layers++))
                : Optional.empty();
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public void close() {
        // nothing is kept
    }

    private final class Attention implements Step {
        private final INDArray packed;
        private final int layer;
        private INDArray output;

        Attention(INDArray packed, int layer) {
            this.packed = packed;
            this.layer = layer;
        }

        @Override
        public String kernel() {
            return KernelClock.ATTENTION;
        }

        @Override
        public List<LongShapeDescriptor> outputShapes() {
            return List.of(
                    LongShapeDescriptor.fromShape(new long[] {packed.size(0), packed.size(1) / 3}, packed.dataType()));
        }

        @Override
        public void bindOutputs(List<INDArray> outputs) {
            output = outputs.get(0);
        }

        @Override
        public void run() {
            if (shape.continuesCache()) {
                try (INDArray key = heads(part(1));
                        INDArray value = heads(part(2))) {
                    cache.storeStep(layer, key, value);
                }
                attend(query(), cache.allKeys(layer), cache.allValues(layer), stepMask());
            } else {
                INDArray key = heads(part(1));
                INDArray value = heads(part(2));
                cache.storePrompts(layer, key, value);
                attend(query(), key, value, causalMask());
            }
        }

        private INDArray query() {
            return heads(part(0));
        }

        private INDArray part(int index) {
            long width = packed.size(1) / 3;
            return packed.get(NDArrayIndex.all(), NDArrayIndex.interval(index * width, (index + 1) * width))
                    .dup('c')
                    .reshape('c', shape.rows(), shape.length(), width);
        }

        /** From {@code [rows, tokens, width]} to {@code [rows, heads, tokens, width / heads]}. */
        private INDArray heads(INDArray tokens) {
            return tokens.reshape('c', tokens.size(0), tokens.size(1), shape.heads(), tokens.size(2) / shape.heads())
                    .permute(0, 2, 1, 3)
                    .dup('c');
        }

        private INDArray stepMask() {
            return mask(cache.mask(), cache.size().rows(), 1, cache.span());
        }

        private INDArray causalMask() {
            return mask(CausalMask.of(shape.length()), 1, shape.length(), shape.length());
        }

        /** For all heads: {@code [rows, 1, queries, keys]}. */
        private INDArray mask(float[][] values, long rows, long queries, long keys) {
            return Nd4j.createFromArray(values).castTo(packed.dataType()).reshape('c', rows, 1, queries, keys);
        }

        private void attend(INDArray query, INDArray key, INDArray value, INDArray mask) {
            double scale = shape.attentionScales().get(layer);
            INDArray scores = run(DynamicCustomOp.builder("matmul")
                    .addInputs(query.muli(scale), key)
                    .addIntegerArguments(0, 1, 0));
            INDArray masked = run(DynamicCustomOp.builder("add").addInputs(scores, mask));
            INDArray probabilities =
                    run(DynamicCustomOp.builder("softmax").addInputs(masked).addIntegerArguments(3));
            INDArray mixed = run(DynamicCustomOp.builder("matmul")
                    .addInputs(probabilities, value)
                    .addIntegerArguments(0, 0, 0));
            output.assign(mixed.permute(0, 2, 1, 3).dup('c').reshape('c', output.shape()));
            List.of(query, key, value, mask, scores, masked, probabilities, mixed)
                    .forEach(INDArray::close);
        }

        private static INDArray run(DynamicCustomOp.DynamicCustomOpsBuilder operation) {
            return Nd4j.exec(operation.build())[0];
        }

        @Override
        public void close() {
            // nothing is kept
        }
    }
}
