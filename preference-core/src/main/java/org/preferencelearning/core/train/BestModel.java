package org.preferencelearning.core.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/** Remembers the trained parameters with the least loss so far. Owns copies of them until closed. */
public final class BestModel implements Stateful, AutoCloseable {
    private final ParameterStore parameters;
    private final Map<Parameter, INDArray> best = new LinkedHashMap<>();
    private double least = Double.POSITIVE_INFINITY;

    /** Nothing is remembered at first. */
    public BestModel(ParameterStore parameters) {
        this.parameters = parameters;
    }

    /**
     * Remembers the parameters as they are if the loss is less than any before; tells whether it is.
     *
     * @throws TrainingException if the loss is not a number
     */
    public boolean offer(double loss) {
        if (Double.isNaN(loss)) {
            throw new TrainingException("a loss that is not a number cannot be compared with others");
        }
        if (!(loss < least)) {
            return false;
        }
        least = loss;
        for (Parameter parameter : parameters.trained()) {
            copyOf(parameter).assign(parameter.readValue());
        }
        return true;
    }

    private INDArray copyOf(Parameter parameter) {
        return best.computeIfAbsent(parameter, of -> of.readValue().dup());
    }

    /** The least loss offered; infinite before the first. */
    public double leastLoss() {
        return least;
    }

    /** Puts the best parameters back; nothing changes if no loss was offered. */
    public void restore() {
        best.forEach((parameter, kept) -> parameter.value().assign(kept));
    }

    @Override
    public void save(StateWriter writer) {
        writer.real("loss", least);
        best.forEach((parameter, kept) -> writer.child("parameters").tensor(parameter.name(), kept));
    }

    @Override
    public void load(StateReader reader) {
        close();
        least = reader.real("loss");
        if (least < Double.POSITIVE_INFINITY) {
            for (Parameter parameter : parameters.trained()) {
                reader.child("parameters").tensor(parameter.name(), copyOf(parameter));
            }
        }
    }

    /** Frees the copies and forgets them. */
    @Override
    public void close() {
        best.values().forEach(INDArray::close);
        best.clear();
        least = Double.POSITIVE_INFINITY;
    }
}
