package org.preferencelearning.gpt2.internal.compile;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;

/**
 * What sampling with a cache needs where there are no kernels of the whole dialect; forward only. In FLOAT on the CPU by
 * OpenBLAS and loops, otherwise attention alone, by ND4J's operations: for every backend and type.
 */
final class PortableKernels implements KernelSet {
    private final TransformerShape shape;
    private final KeyValueCache cache;
    private final boolean blas;
    private int layers;
    /** For attention of one layer at a time. */
    private @Nullable INDArray scratch;

    /** @param shape with a cache */
    PortableKernels(TransformerShape shape) {
        this.shape = shape;
        this.cache = shape.cache().orElseThrow(() -> new UnsupportedGraphException("attention", "there is no cache"));
        this.blas = cache.promptKeys(0).dataType() == DataType.FLOAT && Blas.available();
    }

    @Override
    public Optional<Step> step(FusedOperation operation, List<String> inputNames, List<INDArray> inputs) {
        return operation == FusedOperation.ATTENTION ? Optional.of(attention(inputs.get(0))) : Optional.empty();
    }

    private Step attention(INDArray packed) {
        int layer = layers++;
        if (!blas) {
            return new Attention(packed, layer);
        }
        int width = (int) packed.size(1) / 3;
        float scale = shape.attentionScales().get(layer).floatValue();
        return new BlasStep(
                KernelClock.ATTENTION,
                packed,
                width,
                shape.continuesCache() ? next(packed, layer, scale) : prompts(packed, layer, scale));
    }

    private Consumer<INDArray> next(INDArray packed, int layer, float scale) {
        CachedAttention attention = new CachedAttention(
                cache, shape.heads(), (int) packed.size(1) / 3, scale, scratch(CachedAttention.scratchLength(cache)));
        return output -> attention.run(packed, layer, output);
    }

    private Consumer<INDArray> prompts(INDArray packed, int layer, float scale) {
        PromptAttention attention = new PromptAttention(shape, scale, scratch(PromptAttention.scratchLength(shape)));
        return output -> {
            attention.run(packed, output);
            attention.store(packed, cache.promptKeys(layer), cache.promptValues(layer));
        };
    }

    private INDArray scratch(long length) {
        if (scratch == null) {
            scratch = Nd4j.createUninitializedDetached(DataType.FLOAT, length);
        }
        return scratch;
    }

    @Override
    public boolean fusesLinear(INDArray x) {
        return blas && x.rank() == 2;
    }

    @Override
    public Step linear(INDArray x, INDArray weight, INDArray bias) {
        return new BlasStep(KernelClock.PRODUCTS, x, weight.size(1), output -> {
            Blas.repeat(bias, output);
            Blas.product(Factor.of(x), Factor.of(weight), output, true);
        });
    }

    @Override
    public Optional<Step> product(Factor a, Factor b, boolean added) {
        return blas && !a.transposed()
                ? Optional.of(new BlasStep(
                        KernelClock.PRODUCTS,
                        a.array(),
                        b.array().size(b.transposed() ? 0 : 1),
                        output -> Blas.product(a, b, output, added)))
                : Optional.empty();
    }

    @Override
    public long bytes() {
        return scratch == null ? 0 : scratch.length() * Float.BYTES;
    }

    @Override
    public void close() {
        if (scratch != null) {
            scratch.close();
            scratch = null;
        }
    }

    /** One row of results for each of the input's. */
    private static final class BlasStep implements Step {
        private final String kernel;
        private final LongShapeDescriptor outputShape;
        private final Consumer<INDArray> work;
        private @Nullable INDArray output;

        BlasStep(String kernel, INDArray input, long columns, Consumer<INDArray> work) {
            this.kernel = kernel;
            this.outputShape = LongShapeDescriptor.fromShape(new long[] {input.size(0), columns}, DataType.FLOAT);
            this.work = work;
        }

        @Override
        public String kernel() {
            return kernel;
        }

        @Override
        public List<LongShapeDescriptor> outputShapes() {
            return List.of(outputShape);
        }

        @Override
        public void bindOutputs(List<INDArray> outputs) {
            output = outputs.get(0);
        }

        @Override
        public void run() {
            work.accept(output);
        }

        @Override
        public void close() {
            // the kernel set closes what its steps use
        }
    }

    /** By ND4J's operations. */
    private final class Attention implements Step {
        private final INDArray packed;
        private final int layer;
        private @Nullable INDArray output;

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
            INDArray result = requireNonNull(output, "output");
            result.assign(mixed.permute(0, 2, 1, 3).dup('c').reshape('c', result.shape()));
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
