package org.preferencelearning.core.state;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

record PrefixedReader(StateReader parent, String prefix) implements StateReader {
    @Override
    public long whole(String name) {
        return parent.whole(prefix + name);
    }

    @Override
    public double real(String name) {
        return parent.real(prefix + name);
    }

    @Override
    public String text(String name) {
        return parent.text(prefix + name);
    }

    @Override
    public List<String> texts(String name) {
        return parent.texts(prefix + name);
    }

    @Override
    public byte[] bytes(String name) {
        return parent.bytes(prefix + name);
    }

    @Override
    public double[] reals(String name) {
        return parent.reals(prefix + name);
    }

    @Override
    public void tensor(String name, INDArray into) {
        parent.tensor(prefix + name, into);
    }

    @Override
    public StateException fault(String name, String problem) {
        return parent.fault(prefix + name, problem);
    }
}
