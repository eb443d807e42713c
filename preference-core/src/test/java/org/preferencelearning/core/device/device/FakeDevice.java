package org.preferencelearning.core.device;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A device with arrays of its own, which counts copies and remembers updates. Its arithmetic is plain Java in doubles. */
public final class FakeDevice implements Device {
    /** Copies in either direction. */
    public int copies;
    /** Tensors that are not closed. */
    public int live;
    /** The updates asked for. */
    public final List<AdamWUpdate> updates = new ArrayList<>();

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public DeviceTensor zeros(long... shape) {
        live++;
        return new FakeTensor(Nd4j.create(DataType.FLOAT, shape));
    }

    @Override
    public double squares(List<DeviceTensor> tensors) {
        double squares = 0;
        for (DeviceTensor tensor : tensors) {
            for (float value : values(tensor)) {
                squares += value * value;
            }
        }
        return squares;
    }

    @Override
    public void adamW(
            AdamWUpdate update,
            List<DeviceTensor> values,
            List<DeviceTensor> gradients,
            List<DeviceTensor> first,
            List<DeviceTensor> second) {
        updates.add(update);
        for (int i = 0; i < values.size(); i++) {
            float[] value = values(values.get(i));
            float[] gradient = values(gradients.get(i));
            float[] m = values(first.get(i));
            float[] v = values(second.get(i));
            for (int k = 0; k < value.length; k++) {
                double g = gradient[k] * update.clip();
                m[k] = (float) (update.beta1() * m[k] + (1 - update.beta1()) * g);
                v[k] = (float) (update.beta2() * v[k] + (1 - update.beta2()) * g * g);
                double corrected = Math.sqrt(v[k] / (1 - Math.pow(update.beta2(), update.step()))) + update.epsilon();
                value[k] = (float) (value[k] * (1 - update.learningRate() * update.weightDecay())
                        - update.learningRate() * m[k] / (1 - Math.pow(update.beta1(), update.step())) / corrected);
            }
            set(values.get(i), value);
            set(first.get(i), m);
            set(second.get(i), v);
            gradients.get(i).clear();
        }
    }

    /** The values of a tensor. */
    public static float[] values(DeviceTensor tensor) {
        INDArray array = ((FakeTensor) tensor).array;
        return array.reshape(array.length()).toFloatVector();
    }

    /** Changes a tensor as a kernel would. */
    public static void set(DeviceTensor tensor, float... values) {
        INDArray array = ((FakeTensor) tensor).array;
        array.assign(Nd4j.createFromArray(values).reshape(array.shape()));
    }

    private final class FakeTensor implements DeviceTensor {
        final INDArray array;

        FakeTensor(INDArray array) {
            this.array = array;
        }

        @Override
        public void upload(INDArray from) {
            copies++;
            array.assign(from);
        }

        @Override
        public void download(INDArray into) {
            copies++;
            into.assign(array);
        }

        @Override
        public void clear() {
            array.assign(0);
        }

        @Override
        public void close() {
            live--;
            array.close();
        }
    }
}
