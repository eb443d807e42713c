package org.preferencelearning.gpt2.internal.torch;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.model.ParameterStore;

/** A model's parameters on a device, and bfloat16 copies of them, which are made again where the parameters have changed. */
public final class TorchWeights implements AutoCloseable {
    private final ParameterStore parameters;
    private final TorchDevice device;
    private final Map<String, Rounded> rounded = new HashMap<>();

    /** Of parameters that were moved to the device. */
    public TorchWeights(ParameterStore parameters, TorchDevice device) {
        this.parameters = parameters;
        this.device = device;
    }

    TorchTensor get(String name) {
        return (TorchTensor) parameters.get(name).onDevice();
    }

    /** The gradient, to be added to. */
    TorchTensor gradient(String name) {
        return (TorchTensor) parameters.get(name).gradientOnDevice();
    }

    /** The values in a type. */
    TorchTensor get(String name, int type) {
        TorchTensor value = get(name);
        if (type == device.float32()) {
            return value;
        }
        Rounded copy = rounded.get(name);
        if (copy == null) {
            copy = new Rounded(device.empty(type, value.shape()));
            rounded.put(name, copy);
        }
        if (copy.source != value || copy.version != value.version()) {
            device.copy(value, copy.tensor);
            copy.source = value;
            copy.version = value.version();
        }
        return copy.tensor;
    }

    @Override
    public void close() {
        rounded.values().forEach(copy -> copy.tensor.close());
        rounded.clear();
    }

    private static final class Rounded {
        final TorchTensor tensor;

        @Nullable
        TorchTensor source;

        int version;

        Rounded(TorchTensor tensor) {
            this.tensor = tensor;
        }
    }
}
