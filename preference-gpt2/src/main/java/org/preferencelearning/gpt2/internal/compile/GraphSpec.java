package org.preferencelearning.gpt2.internal.compile;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What to run.
 *
 * @param graph the graph, which for gradients is the gradient function
 * @param bindings the tensor of each placeholder; it is read at every run, so writing into it changes the next result
 * @param phases names of the outputs of each phase, in order
 * @param accumulated outputs that are not kept: a run adds each to the array given here, which the caller owns
 * @param deferred outputs that are not computed, each the gradient by the right factor of a product of matrices: see {@link
 *     CompiledGraph#deferred}
 * @param fused what kernels must know, where the graph is of the dialect of {@link FusedOperations}
 */
public record GraphSpec(
        SameDiff graph,
        Map<String, INDArray> bindings,
        List<List<String>> phases,
        Map<String, INDArray> accumulated,
        Set<String> deferred,
        Optional<TransformerShape> fused) {
    public GraphSpec {
        bindings = ImmutableMap.copyOf(bindings);
        accumulated = ImmutableMap.copyOf(accumulated);
        deferred = ImmutableSet.copyOf(deferred);
        phases = phases.stream().map(ImmutableList::copyOf).collect(ImmutableList.toImmutableList());
    }

    /** Whether an output is kept for the caller to read. */
    boolean keeps(String output) {
        return !accumulated.containsKey(output) && !deferred.contains(output);
    }
}
