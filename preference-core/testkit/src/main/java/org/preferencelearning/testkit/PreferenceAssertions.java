package org.preferencelearning.testkit;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.loss.PreferenceLoss;

/** AssertJ's assertions for what this library is about; import them statically. */
public final class PreferenceAssertions {
    private PreferenceAssertions() {}

    /** Of a loss at numbers of one's own, and of what a policy learns by it. */
    public static LossAssert assertThatLoss(PreferenceLoss loss) {
        return new LossAssert(loss);
    }

    /** Of a tensor's shape and entries. */
    public static TensorAssert assertThatTensor(INDArray tensor) {
        return new TensorAssert(tensor);
    }

    /** Of the pairs of a data set. */
    public static DatasetAssert assertThatDataset(PreferenceDataset dataset) {
        return new DatasetAssert(dataset);
    }
}
