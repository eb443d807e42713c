package org.preferencelearning.gpt2.internal.compile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.train.AdamW;
import org.preferencelearning.core.train.MomentPrecision;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;
import org.preferencelearning.gpt2.internal.compile.TransformerShape.Gelu;
import org.preferencelearning.gpt2.internal.compile.TransformerShape.Kernels;

/** Single kernels of a transformer at the sizes of its training and sampling, and ND4J's operations for the same work. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
    private static final int HEAD_WIDTH = 64;
    private static final int SAMPLED = 32;
    private static final double EPSILON = 1e-5;

    /** Length of a hidden state: 128 as GPT-2 nano50k, 768 as small, 1280 as large. */
    @Param({"128", "768"})
    public int width;

    /** Sequences. */
    @Param("4")
    public int rows;

    /** Tokens of each. */
    @Param("128")
    public int length;

    /** Tokens that the output head tells apart. */
    @Param("50257")
    public int vocabulary;

    private final List<AutoCloseable> resources = new ArrayList<>();
    private Step linear;
    private Step product;
    private Step layerNorm;
    private Step gelu;
    private Step attention;
    private Step nextLinear;
    private Step nextAttention;
    private MatrixProduct head;
    private RowSoftmax softmax;
    private AdamW exact;
    private AdamW rounded;
    private INDArray logits;

    /** Arrays, and the kernels prepared on them. */
    @Setup(Level.Trial)
    public void prepare() {
        NativeRuntime.prepare();
        int tokens = rows * length;
        int heads = width / HEAD_WIDTH;
        INDArray x = random(tokens, width);
        INDArray weight = random(width, 4L * width);
        INDArray wide = own(Nd4j.create(DataType.FLOAT, tokens, 4L * width));
        INDArray bias = own(Nd4j.create(DataType.FLOAT, 4L * width));
        INDArray scale = own(Nd4j.ones(DataType.FLOAT, width));
        INDArray shift = own(Nd4j.create(DataType.FLOAT, width));
        Workspace workspace = own(new Workspace(new KernelClock()));
        DnnlKernels training = own(new DnnlKernels(shape(length, heads, Optional.empty()), new BufferPool(workspace)));
        linear = bound(training.linear(x, weight, bias));
        product = bound(MatrixProduct.nd4j(Factor.of(x), Factor.of(weight), false));
        layerNorm = bound(training.step(FusedOperation.LAYER_NORM, List.of("x"), List.of(x, scale, shift))
                .orElseThrow());
        gelu = bound(training.step(FusedOperation.GELU, List.of("wide"), List.of(wide))
                .orElseThrow());
        attention =
                bound(training.step(FusedOperation.ATTENTION, List.of("packed"), List.of(random(tokens, 3L * width)))
                        .orElseThrow());

        KeyValueCache cache = own(
                new KeyValueCache(new KeyValueCache.Size(SAMPLED / 2, 2, length, 2), 1, heads, width, DataType.FLOAT));
        int[] lengths = new int[SAMPLED / 2];
        Arrays.fill(lengths, length);
        cache.begin(lengths);
        cache.advance();
        Workspace ofSampling = own(new Workspace(new KernelClock()));
        DnnlKernels sampling = own(new DnnlKernels(shape(1, heads, Optional.of(cache)), new BufferPool(ofSampling)));
        INDArray sampled = random(SAMPLED, width);
        nextLinear = bound(sampling.linear(sampled, weight, bias));
        sampling.refresh();
        nextAttention =
                bound(sampling.step(FusedOperation.ATTENTION, List.of("packed"), List.of(random(SAMPLED, 3L * width)))
                        .orElseThrow());

        logits = own(Nd4j.create(DataType.FLOAT, SAMPLED, vocabulary));
        head = own(new MatrixProduct(
                Factor.of(sampled),
                Factor.transposed(random(vocabulary, width)),
                logits,
                false,
                MatrixPrecision.FLOAT32));
        softmax = own(new RowSoftmax(logits, logits));
        exact = optimiser(MomentPrecision.FLOAT32);
        rounded = optimiser(MomentPrecision.BFLOAT16);
    }

    private TransformerShape shape(int tokens, int heads, Optional<KeyValueCache> cache) {
        return new TransformerShape(
                rows,
                tokens,
                heads,
                List.of(1 / Math.sqrt((double) width / heads)),
                EPSILON,
                Gelu.TANH,
                0,
                Optional.empty(),
                cache,
                Kernels.ONEDNN,
                MatrixPrecision.FLOAT32);
    }

    private AdamW optimiser(MomentPrecision precision) {
        ParameterStore store = own(ParameterStore.builder()
                .add("weight", Nd4j.rand(DataType.FLOAT, width, 4L * width), true, true)
                .build());
        return own(new AdamW(store, new AdamConstants(0.9, 0.999, 1e-8), 0.05, precision));
    }

    private INDArray random(long... shape) {
        return own(Nd4j.rand(DataType.FLOAT, shape));
    }

    private Step bound(Step step) {
        step.bindOutputs(step.outputShapes().stream()
                .map(shape -> own(Nd4j.create(shape)))
                .toList());
        return own(step);
    }

    private <R extends AutoCloseable> R own(R resource) {
        resources.add(resource);
        return resource;
    }

    /** Kernels before the arrays that they were prepared on. */
    @TearDown(Level.Trial)
    public void release() throws Exception {
        Collections.reverse(resources);
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        resources.clear();
    }

    /** From hidden states to the feed-forward part, with its bias. */
    @Benchmark
    public void linear() {
        linear.run();
    }

    /** The product of {@link #linear} alone. */
    @Benchmark
    public void productByNd4j() {
        product.run();
    }

    /** {@link #linear} for the newest tokens of {@value #SAMPLED} rows, by a packed copy of the weights. */
    @Benchmark
    public void linearOfSampling() {
        nextLinear.run();
    }

    @Benchmark
    public void layerNorm() {
        layerNorm.run();
    }

    @Benchmark
    public void gelu() {
        gelu.run();
    }

    @Benchmark
    public void attention() {
        attention.run();
    }

    /** Of the newest tokens of {@value #SAMPLED} rows, two to a prompt. */
    @Benchmark
    public void attentionOfSampling() {
        nextAttention.run();
    }

    /** Logits of {@value #SAMPLED} rows. */
    @Benchmark
    public void outputHead() {
        head.run();
    }

    @Benchmark
    public void softmax() {
        softmax.run();
    }

    @Benchmark
    public INDArray[] softmaxByNd4j() {
        return Nd4j.exec(DynamicCustomOp.builder("softmax")
                .addInputs(logits)
                .addOutputs(logits)
                .addIntegerArguments(1)
                .build());
    }

    /** An update of one weight matrix. */
    @Benchmark
    public void adamW() {
        exact.step(1e-5);
    }

    /** The same with moments in bfloat16. */
    @Benchmark
    public void adamWWithRoundedMoments() {
        rounded.step(1e-5);
    }
}
