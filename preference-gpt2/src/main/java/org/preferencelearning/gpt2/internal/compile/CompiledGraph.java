package org.preferencelearning.gpt2.internal.compile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.gpt2.KernelClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A graph of fixed shapes, planned once and then replayed without allocating.
 *
 * <p>Planning orders the operations that the outputs need, folds what depends on no placeholder, turns reshapes and the
 * copies that the gradients of additions make into views, drops the half of a product's gradient that nobody reads, and
 * gives every other result a buffer that later results reuse after its last reader. The same native kernels run in the same order as in SameDiff's session, so results are
 * equal to the last bit.
 *
 * <p>What is quickly computed and is next needed for gradients, outputs of LayerNorm and GELU, is not kept until then but
 * computed again, by the same kernel and so to the same bits.
 */
public final class CompiledGraph implements GraphExecution {
    private static final Logger LOG = LoggerFactory.getLogger(CompiledGraph.class);

    final BufferPool buffers;
    final KernelClock clock;
    final List<List<Step>> phases = new ArrayList<>();
    final List<INDArray> folded = new ArrayList<>();
    final Map<String, INDArray> outputs = new LinkedHashMap<>();
    final Map<String, FactoredGradient> deferred = new LinkedHashMap<>();

    final Optional<KernelSet> kernels;

    private CompiledGraph(Optional<TransformerShape> fused, Workspace workspace) {
        this.buffers = new BufferPool(workspace);
        this.clock = workspace.clock();
        this.kernels = fused.map(this::kernels);
    }

    /**
     * Plans {@code spec}. Runs every operation once on the values bound now.
     *
     * @param workspace where values are kept; until this graph has used up what it left there, no other graph of the
     *     workspace may be planned or run
     * @throws UnsupportedGraphException if an operation cannot be replayed
     */
    public static CompiledGraph plan(GraphSpec spec, Workspace workspace) {
        CompiledGraph compiled = new CompiledGraph(spec.fused(), workspace);
        try {
            new Planner(spec, compiled).plan();
        } catch (RuntimeException e) {
            compiled.close();
            throw e;
        }
        LOG.debug("planned {} operations in {} MiB", compiled.operations(), compiled.bufferBytes() >> 20);
        return compiled;
    }

    private KernelSet kernels(TransformerShape shape) {
        return switch (shape.kernels()) {
            case ONEDNN -> new DnnlKernels(shape, buffers);
            case PORTABLE -> new PortableKernels(shape);
        };
    }

    /** Number of operations that a full run executes. */
    public int operations() {
        return phases.stream().mapToInt(List::size).sum();
    }

    /** Bytes of the workspace that the graph uses, and of what its kernels own. */
    public long bufferBytes() {
        return buffers.bytes() + kernels.map(KernelSet::bytes).orElse(0L);
    }

    @Override
    public void run(int phase) {
        for (Step step : phases.get(phase)) {
            clock.time(step.kernel(), step::run);
        }
    }

    @Override
    public void refresh() {
        kernels.ifPresent(KernelSet::refresh);
    }

    @Override
    public INDArray output(String name) {
        INDArray output = outputs.get(name);
        if (output == null) {
            throw new IllegalArgumentException("no output '" + name + "'; there are " + outputs.keySet());
        }
        return output;
    }

    /**
     * An output that {@link GraphSpec#deferred} names; it can be computed from the end of one run until a graph of the same
     * workspace runs.
     */
    public FactoredGradient deferred(String name) {
        FactoredGradient gradient = deferred.get(name);
        if (gradient == null) {
            throw new IllegalArgumentException("no deferred output '" + name + "'; there are " + deferred.keySet());
        }
        return gradient;
    }

    @Override
    public void close() {
        phases.forEach(steps -> steps.forEach(Step::close));
        phases.clear();
        kernels.ifPresent(KernelSet::close);
        outputs.clear();
        folded.forEach(INDArray::close);
        folded.clear();
    }
}
