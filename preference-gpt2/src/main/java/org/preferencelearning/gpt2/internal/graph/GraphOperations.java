package org.preferencelearning.gpt2.internal.graph;

import com.google.common.collect.ImmutableSortedSet;
import java.util.Set;

/**
 * The ND4J operations that graphs of this library may consist of. Each is checked against central differences in double
 * precision; what is not listed here is not trusted, as several built-in operations of ND4J 1.0.0-M2.1 have wrong values
 * or gradients.
 */
public final class GraphOperations {
    private static final ImmutableSortedSet<String> CHECKED = ImmutableSortedSet.of(
            "add",
            "add_scalar",
            "biasadd",
            "divide",
            "erf",
            "matmul",
            "mul_scalar",
            "multiply",
            "permute",
            "reduce_mean",
            "reduce_sum",
            "reshape",
            "softmax",
            "split",
            "sqrt",
            "square",
            "subtract",
            "tanh");

    private GraphOperations() {}

    /** Names of the checked operations. */
    public static Set<String> checked() {
        return CHECKED;
    }
}
