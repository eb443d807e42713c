package org.preferencelearning.gpt2.graph;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.preferencelearning.core.error.SettingException;

/**
 * Low-rank adapters (Hu et al. 2021, arXiv 2106.09685): beside a frozen projection {@code x W} runs {@code scale (x A) B}, of
 * which A and B alone are trained.
 *
 * @param rank columns of A and rows of B, at least 1
 * @param alpha 1e-6 to 1e6; divided by the rank it is the adapters' scale
 * @param rankStabilized whether alpha is divided by the root of the rank instead (Kalajdzievski 2023, arXiv 2312.03732)
 * @param targets the projections that get adapters, in every block; at least one
 * @param exceptions by module, such as {@code h.0.attn.c_attn}: the adapter that it gets instead, or none
 */
public record LoraSettings(
        int rank,
        double alpha,
        boolean rankStabilized,
        Set<Projection> targets,
        Map<String, Optional<Adapter>> exceptions) {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final double LEAST_ALPHA = 1e-6;
    private static final double MOST_ALPHA = 1e6;

    public LoraSettings {
        check(rank, alpha);
        SettingException.requireDistinct("targets", targets);
        targets = Sets.immutableEnumSet(targets);
        exceptions = ImmutableMap.copyOf(exceptions);
        for (Optional<Adapter> exception : exceptions.values()) {
            SettingException.require(
                    exception.isEmpty() || exception.get().rankStabilized() == rankStabilized,
                    "exceptions",
                    exception,
                    "adapters that are rank-stabilized exactly where the others are");
        }
    }

    /**
     * One module's adapter.
     *
     * @param rank columns of A and rows of B, at least 1
     * @param alpha 1e-6 to 1e6
     * @param rankStabilized as {@link LoraSettings#rankStabilized}
     */
    public record Adapter(int rank, double alpha, boolean rankStabilized) {
        public Adapter {
            check(rank, alpha);
        }

        /** What the product is multiplied by. */
        public double scale() {
            return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
        }
    }

    private static void check(int rank, double alpha) {
        SettingException.requireAtLeast("rank", rank, 1);
        SettingException.require(
                alpha >= LEAST_ALPHA && alpha <= MOST_ALPHA, "alpha", alpha, LEAST_ALPHA + " to " + MOST_ALPHA);
    }

    /** The same adapter for each of some projections in every block; alpha is divided by the rank. */
    public LoraSettings(int rank, double alpha, Set<Projection> targets) {
        this(rank, alpha, false, targets, Map.of());
    }

    /** Adapters on the given projections. */
    public static LoraSettings of(int rank, double alpha, Projection first, Projection... more) {
        return new LoraSettings(
                rank,
                alpha,
                ImmutableSet.<Projection>builder().add(first).add(more).build());
    }

    /** The adapter of a module such as {@code h.0.attn.c_attn}, if it gets one. */
    public Optional<Adapter> adapter(String module) {
        if (exceptions.containsKey(module)) {
            return exceptions.get(module);
        }
        return Projection.of(module).filter(targets::contains).map(target -> new Adapter(rank, alpha, rankStabilized));
    }

    /** The modules of a model that get adapters, in order. */
    public List<String> modules(Gpt2Config config) {
        List<String> modules = new ArrayList<>();
        for (String module : Projection.modules(config)) {
            if (adapter(module).isPresent()) {
                modules.add(module);
            }
        }
        return modules;
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
