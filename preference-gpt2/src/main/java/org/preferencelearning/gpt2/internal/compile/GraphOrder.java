package org.preferencelearning.gpt2.internal.compile;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Multiset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;

/**
 * The operations that the outputs of a graph need, in an order in which each follows what it reads; which of them
 * reads a value last; and which additions of a bias to a product are one linear map. Whatever runs a graph starts from this.
 */
public final class GraphOrder {
    static final String ADDITION_GRADIENT = "add_bp";
    static final String BIAS_GRADIENT = "biasadd_bp";

    /** Reader of what the caller reads. */
    public static final int KEPT = Integer.MAX_VALUE;

    private final List<SameDiffOp> operations = new ArrayList<>();
    private final List<Integer> phaseEnds = new ArrayList<>();
    private final Map<String, SameDiffOp> producers = new HashMap<>();
    private final Map<String, Integer> lastReaders = new HashMap<>();
    /** For an addition of a bias, by its name: the product that it may be fused with. */
    private final Map<String, SameDiffOp> products = new HashMap<>();

    GraphOrder(GraphSpec spec) {
        this(spec.graph(), spec.phases(), spec::keeps);
    }

    /**
     * The order of a graph.
     *
     * @param phases names of the outputs of each phase, in order
     * @param keeps whether an output is kept for the caller to read
     */
    public GraphOrder(SameDiff graph, List<List<String>> phases, Predicate<String> keeps) {
        for (SameDiffOp op : graph.getOps().values()) {
            for (String output : op.getOutputsOfOp()) {
                producers.put(output, op);
            }
        }
        Set<String> done = new HashSet<>();
        for (List<String> outputs : phases) {
            outputs.forEach(output -> visit(output, done));
            phaseEnds.add(operations.size());
        }
        findLinearMaps(phases);
        for (int i = 0; i < operations.size(); i++) {
            for (String input : reads(operations.get(i))) {
                lastReaders.put(input, i);
            }
        }
        phases.stream().flatMap(List::stream).filter(keeps).forEach(name -> lastReaders.put(name, KEPT));
    }

    /** All operations. */
    public List<SameDiffOp> operations() {
        return Collections.unmodifiableList(operations);
    }

    /** For each phase, the number of operations up to its end. */
    public List<Integer> phaseEnds() {
        return Collections.unmodifiableList(phaseEnds);
    }

    /** For each value that is read, the index of the operation that reads it last, or {@link #KEPT}. */
    public Map<String, Integer> lastReaders() {
        return Collections.unmodifiableMap(lastReaders);
    }

    /** The product that an addition of a bias may be fused with, which nobody else reads; null where it is no such addition. */
    public @Nullable SameDiffOp product(SameDiffOp addition) {
        return products.get(addition.getName());
    }

    /** Whether a product may be fused with the addition that follows it. */
    public boolean isProductOfLinearMap(SameDiffOp op) {
        return products.containsValue(op);
    }

    /** Names of an operation's inputs. */
    public static List<String> inputs(SameDiffOp op) {
        return op.getInputsToOp() == null ? List.of() : op.getInputsToOp();
    }

    /** What an operation reads, and where it is a bias that may be fused with a product, what that reads. */
    List<String> reads(SameDiffOp op) {
        SameDiffOp product = products.get(op.getName());
        return product == null
                ? readInputs(op)
                : ImmutableList.<String>builder()
                        .addAll(readInputs(op))
                        .addAll(inputs(product))
                        .build();
    }

    /** Inputs but those that tell an operation a shape and are not read, so that they need not be kept for it. */
    private static List<String> readInputs(SameDiffOp op) {
        List<String> inputs = inputs(op);
        int unread =
                switch (op.getOp().opName()) {
                    case ADDITION_GRADIENT, BIAS_GRADIENT -> 2;
                    default -> 0;
                };
        return inputs.subList(Math.min(unread, inputs.size()), inputs.size());
    }

    /** Additions of a bias to a product that nobody else reads: both are one linear map where there is a kernel. */
    private void findLinearMaps(List<List<String>> phases) {
        Multiset<String> reads = HashMultiset.create();
        operations.forEach(op -> reads.addAll(readInputs(op)));
        phases.forEach(reads::addAll);
        for (SameDiffOp op : operations) {
            if (op.getOp().opName().equals("biasadd")) {
                SameDiffOp product = producers.get(inputs(op).get(0));
                if (product != null
                        && product.getOp() instanceof Mmul multiplication
                        && LongStream.of(multiplication.iArgs()).allMatch(flag -> flag == 0)
                        && reads.count(inputs(op).get(0)) == 1) {
                    products.put(op.getName(), product);
                }
            }
        }
    }

    /** Depth-first and without recursion: a large model's graph is deep. */
    private void visit(String target, Set<String> done) {
        Deque<SameDiffOp> stack = new ArrayDeque<>();
        push(target, done, stack);
        while (!stack.isEmpty()) {
            SameDiffOp op = stack.peek();
            int before = stack.size();
            for (String input : inputs(op)) {
                push(input, done, stack);
            }
            if (stack.size() == before) {
                stack.pop();
                if (done.add(op.getName())) {
                    operations.add(op);
                }
            }
        }
    }

    private void push(String variable, Set<String> done, Deque<SameDiffOp> stack) {
        SameDiffOp producer = producers.get(variable);
        if (producer != null && !done.contains(producer.getName())) {
            stack.push(producer);
        }
    }
}
