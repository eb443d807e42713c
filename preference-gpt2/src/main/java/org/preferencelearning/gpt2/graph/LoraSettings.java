package org.preferencelearning.gpt2.graph;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.Set;
import org.preferencelearning.core.error.SettingException;

/**
 * Low-rank adapters (Hu et al. 2021, arXiv 2106.09685): beside a frozen projection {@code x W} runs
 * {@code (alpha / rank) (x A) B}, of which A and B alone are trained.
 *
 * @param rank columns of A and rows of B, at least 1
 * @param alpha above 0; divided by the rank it is the adapters' weight
 * @param targets the projections that get adapters, in every block; at least one
 */
public record LoraSettings(int rank, double alpha, Set<Projection> targets) {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    public LoraSettings {
        SettingException.requireAtLeast("rank", rank, 1);
        SettingException.requirePositive("alpha", alpha);
        SettingException.requireDistinct("targets", targets);
        targets = Sets.immutableEnumSet(targets);
    }

    /** Adapters on the given projections. */
    public static LoraSettings of(int rank, double alpha, Projection first, Projection... more) {
        return new LoraSettings(
                rank,
                alpha,
                ImmutableSet.<Projection>builder().add(first).add(more).build());
    }

    /** What the adapters' product is multiplied by. */
    public double scale() {
        return alpha / rank;
    }

    /** Whether a module such as {@code h.0.attn.c_attn} gets an adapter. */
    public boolean covers(String module) {
        return targets.stream().anyMatch(target -> module.endsWith("." + target.module()));
    }

    /** Whether a parameter is an adapter's matrix. */
    public static boolean isAdapter(String parameter) {
        return isA(parameter) || parameter.endsWith(B);
    }

    /** Whether a parameter is an adapter's matrix A. */
    public static boolean isA(String parameter) {
        return parameter.endsWith(A);
    }

    /** Name of the matrix A, {@code [inputs, rank]}, of a module. */
    public static String nameOfA(String module) {
        return module + A;
    }

    /** Name of the matrix B, {@code [rank, outputs]}, of a module. */
    public static String nameOfB(String module) {
        return module + B;
    }
}
