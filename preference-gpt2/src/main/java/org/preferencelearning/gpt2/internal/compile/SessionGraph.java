package org.preferencelearning.gpt2.internal.compile;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SameDiff's own session: slower, with more memory, and the measure of what {@link CompiledGraph} must return. */
public final class SessionGraph implements GraphExecution {
    private final GraphSpec spec;
    private final Map<String, INDArray> outputs = new HashMap<>();

    /**
     * A session of {@code spec}.
     *
     * @throws UnsupportedGraphException if its graph is of the fused dialect, which a session would misread
     */
    public SessionGraph(GraphSpec spec) {
        if (spec.fused().isPresent()) {
            throw new UnsupportedGraphException("*", "a session would misread the fused dialect");
        }
        this.spec = spec;
    }

    @Override
    public void run(int phase) {
        List<String> names = spec.phases().get(phase);
        spec.graph().output(spec.bindings(), names).forEach((name, value) -> {
            INDArray sum = spec.accumulated().get(name);
            if (sum == null) {
                outputs.put(name, value);
            } else {
                sum.addi(value);
            }
        });
    }

    @Override
    public INDArray output(String name) {
        return requireNonNull(outputs.get(name), name);
    }

    @Override
    public void close() {
        outputs.clear();
    }
}
