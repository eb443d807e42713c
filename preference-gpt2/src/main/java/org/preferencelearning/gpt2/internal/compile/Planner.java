package org.preferencelearning.gpt2.internal.compile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.reduce.MmulBp;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.gpt2.internal.compile.MatrixProduct.Factor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans a {@link CompiledGraph}: everything that planning needs and running does not. */
final class Planner {
    private static final Logger LOG = LoggerFactory.getLogger(Planner.class);

    private final GraphSpec spec;
    private final SameDiff graph;
    private final CompiledGraph compiled;
    private final GraphOrder order;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Integer> lastReader;
    /** Operations to be computed again before an operation, by its index. */
    private final Map<Integer, List<SameDiffOp>> again = new HashMap<>();
    /** Last readers of what is computed again. */
    private final Map<String, Integer> lastReaderAgain = new HashMap<>();

    Planner(GraphSpec spec, CompiledGraph compiled) {
        this.spec = spec;
        this.graph = spec.graph();
        this.compiled = compiled;
        this.order = new GraphOrder(spec);
        this.lastReader = new HashMap<>(order.lastReaders());
    }

    void plan() {
        List<SameDiffOp> operations = order.operations();
        List<Integer> phaseEnds = order.phaseEnds();
        findRecomputed(operations, phaseEnds.get(0));

        int next = 0;
        Map<Integer, List<Storage>> dying = new HashMap<>();
        for (int end : phaseEnds) {
            List<Step> steps = new ArrayList<>();
            for (; next < end; next++) {
                for (SameDiffOp op : again.getOrDefault(next, List.of())) {
                    String output = op.getOutputsOfOp().get(0);
                    lastReader.put(output, lastReaderAgain.get(output));
                    planOp(op, next, dying, steps);
                }
                SameDiffOp op = operations.get(next);
                SameDiffOp product = order.product(op);
                if (isFusedIntoLinear(op)) {
                    LOG.trace("{} is computed with its bias", op.getName());
                } else if (product != null && isFusedIntoLinear(product)) {
                    Step linear = compiled.kernels
                            .orElseThrow()
                            .linear(
                                    value(GraphOrder.inputs(product).get(0)).array(),
                                    value(GraphOrder.inputs(product).get(1)).array(),
                                    value(GraphOrder.inputs(op).get(1)).array());
                    bind(linear, op.getOutputsOfOp(), false, next, dying, steps);
                    // the gradient of the addition asks for the product's shape
                    values.put(
                            product.getOutputsOfOp().get(0),
                            value(op.getOutputsOfOp().get(0)));
                } else if (isPlainMatmulGradient(op)) {
                    planMatmulGradient(op, next, dying, steps);
                } else {
                    planOp(op, next, dying, steps);
                }
                release(dying.remove(next), next);
            }
            compiled.phases.add(steps);
        }
        if (!compiled.deferred.keySet().equals(spec.deferred())) {
            throw new UnsupportedGraphException(
                    "matmul", "of " + spec.deferred() + " only " + compiled.deferred.keySet() + " are products");
        }
        for (List<String> outputs : spec.phases()) {
            for (String name : outputs) {
                if (spec.keeps(name)) {
                    compiled.outputs.put(name, value(name).array());
                }
            }
        }
    }

    /** Outputs of the first phase that are cheap and that a later one reads are given up and computed again there. */
    private void findRecomputed(List<SameDiffOp> operations, int end) {
        for (int index = 0; index < end; index++) {
            SameDiffOp op = operations.get(index);
            String output = op.getOutputsOfOp().get(0);
            int last = lastReader.getOrDefault(output, 0);
            if (compiled.kernels
                            .filter(kernels ->
                                    fused(op).filter(kernels::isCheap).isPresent())
                            .isEmpty()
                    || last < end
                    || last == Integer.MAX_VALUE) {
                continue;
            }
            int before = 0;
            int first = -1;
            for (int i = 0; i < operations.size(); i++) {
                if (order.reads(operations.get(i)).contains(output)) {
                    if (i < end) {
                        before = i;
                    } else if (first < 0) {
                        first = i;
                    }
                }
            }
            again.computeIfAbsent(first, any -> new ArrayList<>()).add(op);
            lastReaderAgain.put(output, last);
            lastReader.put(output, Math.max(before, index));
            for (String input : GraphOrder.inputs(op)) {
                lastReader.merge(input, first, Math::max);
            }
        }
    }

    /** Whether a product is computed together with the bias that follows it. */
    private boolean isFusedIntoLinear(SameDiffOp op) {
        return compiled.kernels.isPresent()
                && order.isProductOfLinearMap(op)
                && compiled.kernels
                        .get()
                        .fusesLinear(value(GraphOrder.inputs(op).get(0)).array());
    }

    private void release(List<Storage> dying, int now) {
        if (dying == null) {
            return;
        }
        for (Storage storage : dying) {
            if (storage.buffer != null && storage.lastUse <= now) {
                storage.lastUse = Integer.MAX_VALUE;
                compiled.buffers.giveBack(storage.buffer);
            }
        }
    }

    private boolean isPlainMatmulGradient(SameDiffOp op) {
        return op.getOp() instanceof MmulBp gradient
                && GraphOrder.inputs(op).stream()
                        .allMatch(input -> value(input).array().rank() == 2)
                && LongStream.of(gradient.iArgs()).allMatch(flag -> flag == 0);
    }

    /**
     * The two products of a product's gradient, each only if it is needed. One that is accumulated is added to its sum
     * by the multiplication itself; of one that is deferred, the factors are kept to the end.
     */
    private void planMatmulGradient(SameDiffOp op, int now, Map<Integer, List<Storage>> dying, List<Step> steps) {
        Value left = value(GraphOrder.inputs(op).get(0));
        Value right = value(GraphOrder.inputs(op).get(1));
        Value upstream = value(GraphOrder.inputs(op).get(2));
        List<String> names = op.getOutputsOfOp();
        if (isNeeded(names.get(0))) {
            planProduct(names.get(0), Factor.of(upstream.array()), Factor.transposed(right.array()), now, dying, steps);
        }
        if (spec.deferred().contains(names.get(1))) {
            left.storage().lastUse = Integer.MAX_VALUE;
            upstream.storage().lastUse = Integer.MAX_VALUE;
            compiled.deferred.put(names.get(1), new FactoredGradient(left.array(), upstream.array(), compiled.clock));
        } else if (isNeeded(names.get(1))) {
            planProduct(names.get(1), Factor.transposed(left.array()), Factor.of(upstream.array()), now, dying, steps);
        }
    }

    private boolean isNeeded(String name) {
        return lastReader.containsKey(name) || spec.accumulated().containsKey(name);
    }

    /** The gradient by the input is the upstream gradient itself, and that by the bias its sum over rows. */
    private void planBiasGradient(
            List<String> names, Value upstream, int now, Map<Integer, List<Storage>> dying, List<Step> steps) {
        define(names.get(0), upstream, now, dying);
        accumulate(names.subList(0, 1), steps);
        if (isNeeded(names.get(1))) {
            boolean added = isOnlyAccumulated(names.get(1));
            Optional<Step> sum = compiled.kernels.flatMap(kernels -> kernels.columnSums(upstream.array(), added));
            bindOrAdd(
                    names.get(1),
                    sum.orElseGet(() -> columnSums(upstream.array())),
                    sum.isPresent() && added,
                    now,
                    dying,
                    steps);
        }
    }

    private void planProduct(
            String name, Factor left, Factor right, int now, Map<Integer, List<Storage>> dying, List<Step> steps) {
        boolean added = isOnlyAccumulated(name);
        Step step = compiled.kernels
                .flatMap(kernels -> kernels.product(left, right, added))
                .orElseGet(() -> MatrixProduct.nd4j(left, right, added));
        bindOrAdd(name, step, added, now, dying, steps);
    }

    /** Whether a result is read by nothing but the sum that it is added to. */
    private boolean isOnlyAccumulated(String name) {
        return !lastReader.containsKey(name) && spec.accumulated().containsKey(name);
    }

    private static Step columnSums(INDArray matrix) {
        DynamicCustomOp sum = DynamicCustomOp.builder("reduce_sum")
                .addIntegerArguments(0)
                .addBooleanArguments(false)
                .build();
        return NativeStep.of(sum, List.of(matrix));
    }

    /** @param added whether the step adds to the sum itself */
    private void bindOrAdd(
            String name, Step step, boolean added, int now, Map<Integer, List<Storage>> dying, List<Step> steps) {
        if (added) {
            step.bindOutputs(List.of(spec.accumulated().get(name)));
            steps.add(step);
        } else {
            bind(step, List.of(name), false, now, dying, steps);
            accumulate(List.of(name), steps);
        }
    }

    private void planOp(SameDiffOp op, int now, Map<Integer, List<Storage>> dying, List<Step> steps) {
        DifferentialFunction function = op.getOp();
        List<Value> inputs = new ArrayList<>();
        for (String input : GraphOrder.inputs(op)) {
            inputs.add(value(input));
        }
        List<String> names = op.getOutputsOfOp();
        if (isView(function, inputs)) {
            Value whole = inputs.get(0);
            Step shape = step(op, function, inputs);
            INDArray view =
                    whole.array().reshape('c', shape.outputShapes().get(0).getShape());
            shape.close();
            define(names.get(0), new Value(view, whole.storage(), whole.constant()), now, dying);
            accumulate(names, steps);
            return;
        }
        if (isCopyOfUpstream(function, inputs)) {
            Value upstream = inputs.get(2);
            for (String name : names) {
                define(name, upstream, now, dying);
            }
            accumulate(names, steps);
            return;
        }
        if (function.opName().equals(GraphOrder.BIAS_GRADIENT)
                && inputs.get(2).array().rank() == 2) {
            planBiasGradient(names, inputs.get(2), now, dying, steps);
            return;
        }
        if (isProductByTransposed(function, inputs)) {
            planProduct(
                    names.get(0),
                    Factor.of(inputs.get(0).array()),
                    Factor.transposed(inputs.get(1).array()),
                    now,
                    dying,
                    steps);
            return;
        }
        // What a shape depends on is fixed even where the values are not.
        boolean constant =
                function.opName().equals("shape_of") || inputs.stream().allMatch(Value::constant);
        Step step = step(op, function, inputs);
        if (step.outputShapes().size() < names.size()) {
            throw new UnsupportedGraphException(
                    function.opName(),
                    "it names " + names.size() + " outputs and has shapes for "
                            + step.outputShapes().size());
        }
        bind(step, names, constant, now, dying, steps);
        accumulate(names, steps);
    }

    /** Gives the outputs buffers and computes them once; nothing is left to run where they are constant. */
    private void bind(
            Step step,
            List<String> names,
            boolean constant,
            int now,
            Map<Integer, List<Storage>> dying,
            List<Step> steps) {
        List<LongShapeDescriptor> shapes = step.outputShapes();
        List<INDArray> results = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            LongShapeDescriptor shape = shapes.get(i);
            long length = length(shape.getShape());
            Storage storage;
            INDArray flat;
            if (constant) {
                flat = Nd4j.createUninitializedDetached(shape.dataType(), length);
                compiled.folded.add(flat);
                storage = new Storage(null);
            } else {
                flat = compiled.buffers.take(shape.dataType(), length);
                storage = new Storage(flat);
            }
            INDArray result = flat.reshape('c', shape.getShape());
            results.add(result);
            define(names.get(i), new Value(result, storage, constant), now, dying);
        }
        step.bindOutputs(results);
        step.run();
        if (constant) {
            step.close();
        } else {
            steps.add(step);
        }
    }

    /** Adds outputs to the sums that they belong to. */
    private void accumulate(List<String> names, List<Step> steps) {
        for (String name : names) {
            INDArray sum = spec.accumulated().get(name);
            if (sum != null) {
                Step step = NativeStep.of(
                        DynamicCustomOp.builder("add").build(),
                        List.of(sum, value(name).array()));
                step.bindOutputs(List.of(sum));
                steps.add(step);
            }
        }
    }

    private void define(String name, Value value, int now, Map<Integer, List<Storage>> dying) {
        values.put(name, value);
        int last = lastReader.getOrDefault(name, now);
        Storage storage = value.storage();
        storage.lastUse = Math.max(storage.lastUse, last);
        if (last != Integer.MAX_VALUE) {
            dying.computeIfAbsent(last, step -> new ArrayList<>()).add(storage);
        }
    }

    private Value value(String name) {
        Value known = values.get(name);
        if (known != null) {
            return known;
        }
        INDArray bound = spec.bindings().get(name);
        if (bound != null) {
            return keep(name, bound, false);
        }
        SDVariable variable = graph.getVariable(name);
        if (variable == null || variable.getVariableType() == VariableType.PLACEHOLDER) {
            throw new IllegalArgumentException("placeholder '" + name + "' is not bound");
        }
        return keep(name, variable.getArr(), true);
    }

    private Value keep(String name, INDArray array, boolean constant) {
        Value value = new Value(array, new Storage(null), constant);
        values.put(name, value);
        return value;
    }

    private static Optional<FusedOperation> fused(SameDiffOp op) {
        return FusedOperation.of(op.getOp().opName());
    }

    private Step step(SameDiffOp op, DifferentialFunction function, List<Value> inputs) {
        List<INDArray> arrays = arrays(inputs);
        compiled.kernels.ifPresent(KernelSet::endStep);
        Optional<Step> fused = compiled.kernels.flatMap(
                kernels -> fused(op).flatMap(what -> kernels.step(what, GraphOrder.inputs(op), arrays)));
        return fused.isPresent() ? fused.get() : NativeStep.of(function, arrays);
    }

    /** An output head's. */
    private static boolean isProductByTransposed(DifferentialFunction function, List<Value> inputs) {
        return function instanceof Mmul product
                && inputs.stream().allMatch(input -> input.array().rank() == 2)
                && Arrays.equals(product.iArgs(), new long[] {0, 1, 0});
    }

    private static boolean isView(DifferentialFunction function, List<Value> inputs) {
        if (!function.opName().equals("reshape")) {
            return false;
        }
        INDArray input = inputs.get(0).array();
        return input.ordering() == 'c' && !isStrided(input);
    }

    private static boolean isStrided(INDArray array) {
        long expected = 1;
        for (int axis = array.rank() - 1; axis >= 0; axis--) {
            if (array.size(axis) != 1 && array.stride(axis) != expected) {
                return true;
            }
            expected *= array.size(axis);
        }
        return false;
    }

    /** The gradient of an addition of equal shapes is the upstream gradient, twice. */
    private static boolean isCopyOfUpstream(DifferentialFunction function, List<Value> inputs) {
        return function.opName().equals(GraphOrder.ADDITION_GRADIENT)
                && inputs.get(0).array().equalShapes(inputs.get(2).array())
                && inputs.get(1).array().equalShapes(inputs.get(2).array());
    }

    private static long length(long[] shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        return length;
    }

    private static List<INDArray> arrays(List<Value> values) {
        return values.stream().map(Value::array).toList();
    }

    /** A buffer and how many values share it. */
    private static final class Storage {
        final @Nullable INDArray buffer;
        int lastUse = -1;

        /** @param buffer the pool's, or null where the storage is not the pool's to reuse */
        Storage(@Nullable INDArray buffer) {
            this.buffer = buffer;
        }
    }

    private record Value(INDArray array, Storage storage, boolean constant) {}
}
