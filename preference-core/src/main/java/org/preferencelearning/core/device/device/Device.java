package org.preferencelearning.core.device;

import java.util.List;

/**
 * Memory and arithmetic of a device beside the processor that ND4J computes on: what parameters, the norm of their gradients
 * and their updates need. A model's passes are the model's business.
 */
public interface Device {
    /** As users name it, such as {@code cuda:0}. */
    String name();

    /**
     * A new tensor of zeros.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if the device has no memory for it
     */
    DeviceTensor zeros(long... shape);

    /** Sum of the squares of all values of some tensors; one number comes back for each. */
    double squares(List<DeviceTensor> tensors);

    /**
     * One update of AdamW, as PyTorch's. All lists have the same order and shapes.
     *
     * @param values updated
     * @param gradients multiplied by the update's factor first; 0 afterwards
     * @param first moments, updated
     * @param second moments, updated
     */
    void adamW(
            AdamWUpdate update,
            List<DeviceTensor> values,
            List<DeviceTensor> gradients,
            List<DeviceTensor> first,
            List<DeviceTensor> second);
}
