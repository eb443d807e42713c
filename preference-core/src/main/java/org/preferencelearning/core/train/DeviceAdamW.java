package org.preferencelearning.core.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.device.AdamWUpdate;
import org.preferencelearning.core.device.Device;
import org.preferencelearning.core.device.DeviceTensor;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;

/** AdamW's moments on a device, which updates all parameters in two calls: of those that decay, and of the others. */
final class DeviceAdamW implements AutoCloseable {
    private final Device device;
    private final List<Group> groups;
    /** What was last saved. */
    private final Map<DeviceTensor, INDArray> copies = new IdentityHashMap<>();

    DeviceAdamW(Device device, List<Parameter> trained) {
        this.device = device;
        this.groups = List.of(new Group(true), new Group(false));
        for (Parameter parameter : trained) {
            Group group = groups.get(parameter.decayed() ? 0 : 1);
            long[] shape = parameter.shape();
            group.parameters.add(parameter);
            group.first.add(device.zeros(shape));
            group.second.add(device.zeros(shape));
        }
    }

    /** @param update with the weight decay of those that decay */
    void update(AdamWUpdate update) {
        for (Group group : groups) {
            if (!group.parameters.isEmpty()) {
                AdamWUpdate ofGroup = new AdamWUpdate(
                        update.step(),
                        update.learningRate(),
                        update.beta1(),
                        update.beta2(),
                        update.epsilon(),
                        group.decayed ? update.weightDecay() : 0,
                        update.clip());
                device.adamW(
                        ofGroup,
                        group.parameters.stream().map(Parameter::changeOnDevice).toList(),
                        group.parameters.stream()
                                .map(Parameter::gradientOnDevice)
                                .toList(),
                        group.first,
                        group.second);
            }
        }
    }

    void save(StateWriter first, StateWriter second) {
        each((parameter, m, v) -> {
            first.tensor(parameter.name(), downloaded(m, parameter));
            second.tensor(parameter.name(), downloaded(v, parameter));
        });
    }

    /** Kept, as a writer may read it later. */
    private INDArray downloaded(DeviceTensor moments, Parameter parameter) {
        INDArray copy = copies.computeIfAbsent(moments, any -> zeros(parameter));
        moments.download(copy);
        return copy;
    }

    void load(StateReader first, StateReader second) {
        each((parameter, m, v) -> {
            try (INDArray copy = zeros(parameter)) {
                first.tensor(parameter.name(), copy);
                m.upload(copy);
                second.tensor(parameter.name(), copy);
                v.upload(copy);
            }
        });
    }

    private static INDArray zeros(Parameter parameter) {
        return Nd4j.create(DataType.FLOAT, parameter.shape());
    }

    private interface Work {
        void on(Parameter parameter, DeviceTensor first, DeviceTensor second);
    }

    private void each(Work work) {
        for (Group group : groups) {
            for (int i = 0; i < group.parameters.size(); i++) {
                work.on(group.parameters.get(i), group.first.get(i), group.second.get(i));
            }
        }
    }

    @Override
    public void close() {
        for (Group group : groups) {
            for (List<DeviceTensor> moments : Arrays.asList(group.first, group.second)) {
                moments.forEach(DeviceTensor::close);
                moments.clear();
            }
            group.parameters.clear();
        }
        copies.values().forEach(INDArray::close);
        copies.clear();
    }

    /** Parameters that decay, or do not, and their moments in the same order. */
    private static final class Group {
        final boolean decayed;
        final List<Parameter> parameters = new ArrayList<>();
        final List<DeviceTensor> first = new ArrayList<>();
        final List<DeviceTensor> second = new ArrayList<>();

        Group(boolean decayed) {
            this.decayed = decayed;
        }
    }
}
