package org.preferencelearning.core.state;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

record PrefixedWriter(StateWriter parent, String prefix) implements StateWriter {
    @Override
    public void whole(String name, long value) {
        parent.whole(prefix + name, value);
    }

    @Override
    public void real(String name, double value) {
        parent.real(prefix + name, value);
    }

    @Override
    public void text(String name, String value) {
        parent.text(prefix + name, value);
    }

    @Override
    public void texts(String name, List<String> values) {
        parent.texts(prefix + name, values);
    }

    @Override
    public void bytes(String name, byte[] value) {
        parent.bytes(prefix + name, value);
    }

    @Override
    public void reals(String name, double[] values) {
        parent.reals(prefix + name, values);
    }

    @Override
    public void tensor(String name, INDArray value) {
        parent.tensor(prefix + name, value);
    }
}
