package org.preferencelearning.gpt2.internal.torch;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.ScalarOp;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.internal.compile.FusedOperation;
import org.preferencelearning.gpt2.internal.compile.GraphOrder;
import org.preferencelearning.gpt2.internal.compile.UnsupportedGraphException;
import org.preferencelearning.gpt2.internal.torch.Torch.Text;
import org.preferencelearning.gpt2.internal.torch.TorchScope.Attended;

/**
 * A graph of the fused dialect, computed node by node by libtorch. A result is freed after its last reader; libtorch keeps
 * the memory for the next one. Every node has a kernel here: a graph with another is refused when it is planned.
 *
 * <p>With bfloat16, factors of products are rounded to it, and what follows from a product alone stays in it (GELU,
 * attention), as under PyTorch's autocast; sums of blocks, LayerNorm, gradients of parameters and sums over positions are in
 * float32.
 */
public final class TorchGraph implements AutoCloseable {
    private final Form form;
    private final TorchWeights weights;
    private final TorchDevice device;
    private final KernelClock clock;
    private final GraphOrder order;
    private final Map<String, String> accumulated;
    private final Set<String> placeholders = new HashSet<>();
    private final Map<String, TorchTensor> constants = new HashMap<>();
    private final Map<String, Function<String, TorchTensor>> sources = new HashMap<>();
    /** Values of which an addition's gradient needs the shapes. */
    private final Set<String> measured = new HashSet<>();

    private final List<List<Node>> phases = new ArrayList<>();

    private final Map<String, TorchTensor> values = new HashMap<>();
    private final Map<String, long[]> shapes = new HashMap<>();
    private final Map<String, TorchTensor[]> normalised = new HashMap<>();
    private final Map<String, Attended> attended = new HashMap<>();
    private int attentions;

    /**
     * What the kernels must know beside the graph.
     *
     * @param rows sequences in a batch
     * @param length tokens of each
     * @param heads attention heads
     * @param attentionScales what attention scores are multiplied by, one number for each block
     * @param epsilon added to the variance in LayerNorm
     * @param exactGelu whether GELU is of the error function, not of tanh
     * @param mask name of the placeholder that is added to attention scores in place of the causal mask
     * @param cache where keys and values are kept for tokens to come
     * @param continues whether the graph computes one more token of every row of the cache, and not its prompts
     * @param bfloat16 whether factors of products are rounded
     */
    public record Form(
            int rows,
            int length,
            int heads,
            List<Double> attentionScales,
            double epsilon,
            boolean exactGelu,
            Optional<String> mask,
            Optional<TorchCache> cache,
            boolean continues,
            boolean bfloat16) {}

    /**
     * Plans a graph.
     *
     * @param phases names of the outputs of each phase, in order
     * @param accumulated of those, the gradients that are added to a parameter's, with its name
     * @throws UnsupportedGraphException if a node has no kernel
     */
    public TorchGraph(
            SameDiff graph,
            List<List<String>> phases,
            Map<String, String> accumulated,
            Form form,
            TorchWeights weights,
            TorchDevice device,
            KernelClock clock) {
        this.form = form;
        this.weights = weights;
        this.device = device;
        this.clock = clock;
        this.accumulated = Map.copyOf(accumulated);
        this.order = new GraphOrder(graph, phases, output -> !accumulated.containsKey(output));
        for (SDVariable variable : graph.variables()) {
            if (variable.getVariableType() == VariableType.PLACEHOLDER) {
                placeholders.add(variable.name());
            }
        }
        for (SameDiffOp op : order.operations()) {
            if (op.getOp().opName().equals("add_bp")) {
                measured.addAll(GraphOrder.inputs(op).subList(0, 2));
            }
        }
        int next = 0;
        for (int end : order.phaseEnds()) {
            List<Node> nodes = new ArrayList<>();
            for (; next < end; next++) {
                SameDiffOp op = order.operations().get(next);
                GraphOrder.inputs(op).forEach(name -> readConstant(graph, name));
                if (!order.isProductOfLinearMap(op)) {
                    nodes.add(node(op, next));
                }
            }
            this.phases.add(nodes);
        }
    }

    private void readConstant(SameDiff graph, String name) {
        SDVariable variable = graph.getVariable(name);
        boolean constant = variable.getVariableType() == VariableType.CONSTANT
                || variable.getVariableType() == VariableType.VARIABLE;
        if (constant && !constants.containsKey(name)) {
            try (INDArray values = variable.getArr().castTo(DataType.FLOAT).dup('c')) {
                TorchTensor tensor = device.zeros(values.shape());
                tensor.upload(values);
                constants.put(name, tensor);
            }
        }
    }

    /** Says what a placeholder that is no parameter holds at every run. */
    public void bind(String placeholder, TorchTensor tensor) {
        sources.put(placeholder, any -> tensor);
    }

    /** Number of kernels that a full run calls, one a node; none of them is another library's. */
    public int nodes() {
        return phases.stream().mapToInt(List::size).sum();
    }

    /** Runs a phase; the phase before it must be what ran last. */
    public void run(int phase) {
        if (phase == 0) {
            release();
        }
        for (Node node : phases.get(phase)) {
            clock.time(node.kernel, () -> run(node));
        }
    }

    private void run(Node node) {
        try (TorchScope scope = new TorchScope(device)) {
            node.work.run(scope);
        }
        node.dying.forEach(this::drop);
    }

    /** An output that is kept; valid until its phase runs again. */
    public TorchTensor output(String name) {
        return requireNonNull(values.get(name), name);
    }

    private void drop(String name) {
        TorchTensor dead = values.remove(name);
        if (dead != null) {
            dead.close();
        }
    }

    /** Frees what a run left; outputs are gone. */
    public void release() {
        values.values().forEach(TorchTensor::close);
        values.clear();
        normalised.values().forEach(TorchGraph::close);
        normalised.clear();
        attended.values().forEach(TorchGraph::close);
        attended.clear();
    }

    private static void close(TorchTensor... tensors) {
        for (TorchTensor tensor : tensors) {
            tensor.close();
        }
    }

    private static void close(Attended tensors) {
        tensors.output().close();
        tensors.rest().forEach(TorchTensor::close);
    }

    @Override
    public void close() {
        release();
        constants.values().forEach(TorchTensor::close);
        constants.clear();
    }

    private interface Work {
        void run(TorchScope scope);
    }

    /** @param dying values that nobody reads after this node */
    private record Node(String kernel, Work work, List<String> dying) {}

    // Values

    private TorchTensor get(String name) {
        TorchTensor value = values.get(name);
        if (value != null) {
            return value;
        }
        TorchTensor constant = constants.get(name);
        if (constant != null) {
            return constant;
        }
        Function<String, TorchTensor> source = sources.get(name);
        return source == null ? weights.get(name) : source.apply(name);
    }

    /** A factor of a product, in the type of all factors. */
    private TorchTensor factor(TorchScope scope, String name) {
        int type = form.bfloat16() ? device.bfloat16() : device.float32();
        boolean isWeight = placeholders.contains(name) && !sources.containsKey(name);
        return isWeight ? weights.get(name, type) : scope.to(get(name), type);
    }

    private boolean isRead(String name) {
        return order.lastReaders().containsKey(name);
    }

    private boolean isNeeded(String name) {
        return isRead(name) || accumulated.containsKey(name);
    }

    /** Keeps a result for its readers, and adds it to the gradient that it belongs to. */
    private void define(TorchScope scope, String name, TorchTensor value) {
        String parameter = accumulated.get(name);
        if (parameter != null) {
            scope.addTo(weights.gradient(parameter), value);
        }
        if (measured.contains(name)) {
            shapes.put(name, value.shape());
        }
        if (isRead(name)) {
            values.put(name, scope.keep(value));
        }
    }

    // Kernels

    private Node node(SameDiffOp op, int index) {
        List<String> in = GraphOrder.inputs(op);
        List<String> out = op.getOutputsOfOp();
        List<String> dying = new ArrayList<>();
        order.lastReaders().forEach((name, last) -> {
            if (last == index) {
                dying.add(name);
            }
        });
        DifferentialFunction function = op.getOp();
        Optional<FusedOperation> fused = FusedOperation.of(function.opName());
        String kernel = fused.map(operation -> operation.name().toLowerCase(Locale.ROOT))
                .orElse(function.opName());
        SameDiffOp product = order.product(op);
        Work work;
        if (fused.isPresent()) {
            work = fused(fused.get(), in, out);
        } else if (product != null) {
            kernel = KernelClock.PRODUCTS;
            List<String> factors = GraphOrder.inputs(product);
            work = scope -> {
                TorchTensor result = scope.linear(
                        factor(scope, factors.get(0)), factor(scope, factors.get(1)), factor(scope, in.get(1)));
                define(scope, out.get(0), result);
            };
        } else {
            kernel = kernel.startsWith("matmul") ? KernelClock.PRODUCTS : kernel;
            work = plain(function, in, out);
        }
        return new Node(kernel, work, dying);
    }

    private Work plain(DifferentialFunction function, List<String> in, List<String> out) {
        String result = out.get(0);
        return switch (function.opName()) {
            case "add" -> scope -> define(scope, result, scope.add(get(in.get(0)), get(in.get(1))));
            case "add_bp" -> scope -> additionGradient(scope, in, out);
            case "multiply" -> scope -> define(scope, result, scope.multiply(get(in.get(0)), get(in.get(1))));
            case "multiply_bp" -> scope -> multiplicationGradient(scope, in, out);
            case "mul_scalar" -> scaled(((ScalarOp) function).scalar().getDouble(0), in.get(0), result);
            case "biasadd" -> scope -> define(scope, result, scope.add(get(in.get(0)), get(in.get(1))));
            case "biasadd_bp" -> scope -> biasGradient(scope, get(in.get(2)), out);
            case "reduce_sum" -> sum(function, in.get(0), result);
            case "reduce_sum_bp" ->
                scope -> define(
                        scope,
                        result,
                        scope.expand(get(in.get(1)), get(in.get(0)).shape()));
            case "matmul" -> product(arguments(function), in, result);
            case "matmul_bp" -> productGradient(arguments(function), in, out);
            case "shape_of" -> scope -> shapes.put(result, get(in.get(0)).shape());
            case "reshape" -> reshaped(arguments(function), in, result);
            case "permute" -> scope -> define(scope, result, scope.permute(get(in.get(0)), arguments(function)));
            case "split" -> split(arguments(function), in.get(0), out);
            case "concat" ->
                scope -> define(
                        scope,
                        result,
                        scope.concat(
                                (int) arguments(function)[0],
                                in.stream().map(this::get).toList()));
            case "softmax" -> scope -> define(scope, result, scope.softmax(get(in.get(0))));
            case "softmax_bp" ->
                scope -> {
                    TorchTensor p = scope.softmax(get(in.get(0)));
                    define(scope, result, scope.softmaxGradient(scope.to(get(in.get(1)), p.type()), p));
                };
            default -> throw new UnsupportedGraphException(function.opName(), "libtorch has no kernel for it here");
        };
    }

    private static long[] arguments(DifferentialFunction function) {
        return ((CustomOp) function).iArgs();
    }

    private Work scaled(double factor, String in, String out) {
        TorchTensor scalar = device.floats(new float[] {(float) factor});
        constants.put("factor of " + out, scalar);
        return scope -> define(scope, out, scope.multiply(get(in), scalar));
    }

    /** ND4J names no axis, or a number that is none, for all of them. */
    private Work sum(DifferentialFunction function, String in, String out) {
        int[] axes = function.getDimensions();
        boolean all = axes == null || axes.length == 0 || axes[0] == Integer.MAX_VALUE;
        return scope -> {
            TorchTensor x = get(in);
            if (!all && axes.length != x.shape().length) {
                throw new UnsupportedGraphException(
                        function.opName(), "there is a kernel for all values, not for axes " + Arrays.toString(axes));
            }
            define(scope, out, scope.sum(x));
        };
    }

    private void additionGradient(TorchScope scope, List<String> in, List<String> out) {
        TorchTensor upstream = get(in.get(2));
        for (int i = 0; i < 2; i++) {
            if (isNeeded(out.get(i))) {
                long[] shape = shapes.get(in.get(i));
                define(
                        scope,
                        out.get(i),
                        shape == null || Arrays.equals(shape, upstream.shape())
                                ? scope.same(upstream)
                                : scope.sumTo(upstream, shape));
            }
        }
    }

    private void multiplicationGradient(TorchScope scope, List<String> in, List<String> out) {
        TorchTensor upstream = get(in.get(2));
        for (int i = 0; i < 2; i++) {
            if (isNeeded(out.get(i))) {
                TorchTensor gradient = scope.multiply(upstream, get(in.get(1 - i)));
                long[] shape = get(in.get(i)).shape();
                define(
                        scope,
                        out.get(i),
                        Arrays.equals(shape, gradient.shape()) ? gradient : scope.sumTo(gradient, shape));
            }
        }
    }

    private void biasGradient(TorchScope scope, TorchTensor upstream, List<String> out) {
        if (isNeeded(out.get(1))) {
            define(scope, out.get(1), scope.columnSums(upstream));
        }
        if (isNeeded(out.get(0))) {
            define(scope, out.get(0), scope.same(upstream));
        }
    }

    private Work product(long[] flags, List<String> in, String out) {
        return scope -> {
            TorchTensor a = oriented(scope, factor(scope, in.get(0)), flags[0] != 0);
            TorchTensor b = oriented(scope, factor(scope, in.get(1)), flags[1] != 0);
            define(scope, out, multiplied(scope, a, b));
        };
    }

    private static TorchTensor multiplied(TorchScope scope, TorchTensor a, TorchTensor b) {
        return a.shape().length == 2 ? scope.product(a, b) : scope.products(a, b);
    }

    /** The matrix, or matrices, or their transposes. */
    private static TorchTensor oriented(TorchScope scope, TorchTensor x, boolean transposed) {
        if (!transposed) {
            return x;
        }
        return x.shape().length == 2 ? scope.transposed(x) : scope.permute(x, 0, 1, 3, 2);
    }

    /** Of {@code a b}, or of {@code a b'}. */
    private Work productGradient(long[] flags, List<String> in, List<String> out) {
        boolean transposed = flags[1] != 0;
        if (flags[0] != 0 || flags[2] != 0) {
            throw new UnsupportedGraphException("matmul_bp", "only the second factor may be transposed");
        }
        return scope -> {
            TorchTensor upstream = scope.to(get(in.get(2)), form.bfloat16() ? device.bfloat16() : device.float32());
            if (isNeeded(out.get(0))) {
                TorchTensor b = oriented(scope, factor(scope, in.get(1)), !transposed);
                define(scope, out.get(0), multiplied(scope, upstream, b));
            }
            if (isNeeded(out.get(1))) {
                TorchTensor a = factor(scope, in.get(0));
                TorchTensor left = oriented(scope, transposed ? upstream : a, true);
                TorchTensor right = transposed ? a : upstream;
                String parameter = accumulated.get(out.get(1));
                if (parameter != null && !isRead(out.get(1))) {
                    scope.addProduct(weights.gradient(parameter), left, right);
                } else {
                    define(scope, out.get(1), multiplied(scope, left, right));
                }
            }
        };
    }

    /** The first argument tells the order of values. */
    private Work reshaped(long[] arguments, List<String> in, String out) {
        return scope -> {
            long[] shape = in.size() > 1
                    ? requireNonNull(shapes.get(in.get(1)), "shape")
                    : Arrays.copyOfRange(arguments, 1, arguments.length);
            define(scope, out, scope.reshape(get(in.get(0)), shape));
        };
    }

    /** Of a matrix's columns, as views. */
    private Work split(long[] arguments, String in, List<String> out) {
        if (arguments[1] != 1) {
            throw new UnsupportedGraphException("split", "only columns can be split");
        }
        return scope -> {
            TorchTensor x = get(in);
            long width = x.size(1) / out.size();
            for (int part = 0; part < out.size(); part++) {
                define(scope, out.get(part), scope.view(x, new long[] {x.size(0), width}, x.strides(), part * width));
            }
        };
    }

    private Work fused(FusedOperation operation, List<String> in, List<String> out) {
        Text gelu = new Text(form.exactGelu() ? "none" : "tanh");
        return switch (operation) {
            case LAYER_NORM -> layerNorm(in, out.get(0));
            case LAYER_NORM_GRADIENT -> scope -> layerNormGradient(scope, in, out);
            case GELU -> scope -> define(scope, out.get(0), scope.gelu(get(in.get(0)), gelu));
            case GELU_GRADIENT ->
                scope -> {
                    TorchTensor x = get(in.get(0));
                    define(scope, out.get(0), scope.geluGradient(scope.to(get(in.get(1)), x.type()), x, gelu));
                };
            case ATTENTION -> attention(in.get(0), out.get(0));
            case ATTENTION_GRADIENT -> attentionGradient(in, out.get(0));
        };
    }

    private Work layerNorm(List<String> in, String out) {
        String key = in.get(0) + " " + in.get(1);
        boolean differentiated = isDifferentiated(FusedOperation.LAYER_NORM_GRADIENT, in.get(0));
        boolean rounded = form.bfloat16() && feedsProductsOnly(out);
        return scope -> {
            TorchTensor[] results = scope.layerNorm(get(in.get(0)), get(in.get(1)), get(in.get(2)), form.epsilon());
            if (differentiated) {
                normalised.put(key, new TorchTensor[] {scope.keep(results[1]), scope.keep(results[2])});
            }
            define(scope, out, rounded ? scope.to(results[0], device.bfloat16()) : results[0]);
        };
    }

    private boolean feedsProductsOnly(String name) {
        return order.lastReaders().getOrDefault(name, GraphOrder.KEPT) != GraphOrder.KEPT
                && order.operations().stream()
                        .filter(op -> GraphOrder.inputs(op).contains(name))
                        .allMatch(op -> op.getOp().opName().startsWith("matmul"));
    }

    private boolean isDifferentiated(FusedOperation gradient, String input) {
        return order.operations().stream()
                .anyMatch(op -> FusedOperation.of(op.getOp().opName()).equals(Optional.of(gradient))
                        && GraphOrder.inputs(op).get(0).equals(input));
    }

    private void layerNormGradient(TorchScope scope, List<String> in, List<String> out) {
        TorchTensor[] kept = normalised.remove(in.get(0) + " " + in.get(1));
        TorchTensor x = get(in.get(0));
        TorchTensor[] gradients = scope.layerNormGradient(
                scope.to(get(in.get(3)), x.type()),
                x,
                scope.own(kept[0]),
                scope.own(kept[1]),
                get(in.get(1)),
                get(in.get(2)));
        for (int i = 0; i < gradients.length; i++) {
            if (isNeeded(out.get(i))) {
                define(scope, out.get(i), gradients[i]);
            }
        }
    }

    /** Part 0, 1 or 2 of packed queries, keys and values, as {@code [rows, heads, length, head width]}. */
    private TorchTensor part(TorchScope scope, TorchTensor packed, int part) {
        return heads(scope, packed, packed.size(1) / 3, part);
    }

    private TorchTensor heads(TorchScope scope, TorchTensor matrix, long width, int part) {
        long perHead = width / form.heads();
        long[] strides = matrix.strides();
        return scope.view(
                matrix,
                new long[] {form.rows(), form.heads(), form.length(), perHead},
                new long[] {form.length() * strides[0], perHead * strides[1], strides[0], strides[1]},
                part * width * strides[1]);
    }

    private @Nullable TorchTensor mask() {
        return form.mask().map(this::get).orElse(null);
    }

    private Work attention(String in, String out) {
        int layer = attentions++;
        double scale = form.attentionScales().get(layer);
        boolean differentiated = isDifferentiated(FusedOperation.ATTENTION_GRADIENT, in);
        return scope -> {
            TorchTensor packed = get(in);
            TorchTensor q = part(scope, packed, 0);
            TorchTensor k = part(scope, packed, 1);
            TorchTensor v = part(scope, packed, 2);
            TorchTensor mask = mask();
            if (form.continues()) {
                TorchCache cache = form.cache().orElseThrow();
                cache.storeStep(scope, layer, k, v);
                k = cache.keys(scope, layer);
                v = cache.values(scope, layer);
                mask = cache.mask(scope);
            } else if (form.cache().isPresent()) {
                form.cache().get().storePrompts(scope, layer, k, v);
            }
            Attended result = scope.attention(q, k, v, mask, scale);
            if (differentiated) {
                scope.keep(result.output());
                result.rest().forEach(scope::keep);
                attended.put(in, result);
            }
            TorchTensor tokens = scope.permute(result.output(), 0, 2, 1, 3);
            define(scope, out, scope.reshape(tokens, packed.size(0), packed.size(1) / 3));
        };
    }

    private Work attentionGradient(List<String> in, String out) {
        int layer = layerOf(in.get(0));
        double scale = form.attentionScales().get(layer);
        return scope -> {
            TorchTensor packed = get(in.get(0));
            Attended forward = attended.remove(in.get(0));
            scope.own(forward.output());
            forward.rest().forEach(scope::own);
            TorchTensor upstream = scope.to(get(in.get(1)), packed.type());
            TorchTensor[] gradients = scope.attentionGradient(
                    heads(scope, upstream, upstream.size(1), 0),
                    part(scope, packed, 0),
                    part(scope, packed, 1),
                    part(scope, packed, 2),
                    forward,
                    mask(),
                    scale);
            TorchTensor gradient = scope.own(device.empty(packed.type(), packed.shape()));
            for (int part = 0; part < 3; part++) {
                device.copy(gradients[part], part(scope, gradient, part));
            }
            define(scope, out, gradient);
        };
    }

    /** Blocks follow each other as their attention does. */
    private int layerOf(String packed) {
        List<String> inputs = order.operations().stream()
                .filter(op -> FusedOperation.of(op.getOp().opName()).equals(Optional.of(FusedOperation.ATTENTION)))
                .map(op -> GraphOrder.inputs(op).get(0))
                .toList();
        return inputs.indexOf(packed);
    }
}
