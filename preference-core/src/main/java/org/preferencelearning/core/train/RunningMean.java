package org.preferencelearning.core.train;

import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/** The mean of all numbers so far, 0 before the first. */
final class RunningMean implements Stateful {
    private double sum;
    private long count;

    void add(double value) {
        sum += value;
        count++;
    }

    double value() {
        return count == 0 ? 0 : sum / count;
    }

    @Override
    public void save(StateWriter writer) {
        writer.real("sum", sum);
        writer.whole("count", count);
    }

    @Override
    public void load(StateReader reader) {
        sum = reader.real("sum");
        count = reader.whole("count");
        if (count < 0 || !Double.isFinite(sum)) {
            throw reader.fault("count", "it is " + count + " of sum " + sum + ", which is no mean");
        }
    }
}
