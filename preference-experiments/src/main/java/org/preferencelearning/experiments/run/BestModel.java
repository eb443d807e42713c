package org.preferencelearning.experiments.run;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;

/** Remembers the trained parameters with the least loss so far. */
final class BestModel implements AutoCloseable {
    private final ParameterStore parameters;
    private final Map<Parameter, INDArray> best = new LinkedHashMap<>();
    private double least = Double.POSITIVE_INFINITY;

    BestModel(ParameterStore parameters) {
        this.parameters = parameters;
    }

    /** Remembers the parameters as they are if the loss is less than any before; tells whether it is. */
    boolean offer(double loss) {
        if (!(loss < least)) {
            return false;
        }
        least = loss;
        for (Parameter parameter : parameters.trained()) {
            INDArray kept = best.get(parameter);
            if (kept == null) {
                best.put(parameter, parameter.value().dup());
            } else {
                kept.assign(parameter.value());
            }
        }
        return true;
    }

    /** Puts the best parameters back. */
    void restore() {
        best.forEach((parameter, kept) -> parameter.value().assign(kept));
    }

    @Override
    public void close() {
        best.values().forEach(INDArray::close);
        best.clear();
    }
}
