package org.preferencelearning.spark;

import java.util.OptionalLong;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Computing;

/** Native memory that a study's models take at the worst time, where that is known before their weights are read. */
final class PlannedMemory {
    private PlannedMemory() {}

    /** In bytes; empty for studies without a language model, and for those whose model's shape is in a folder or on the Hub. */
    static OptionalLong of(Study study) {
        if (study instanceof DataSizeStudy sizes && sizes.model() instanceof ModelSpec.Fresh fresh) {
            return peak(sizes.plan(fresh.config()));
        }
        if (study instanceof OnlineStudy online && online.model() instanceof ModelSpec.Fresh fresh) {
            return peak(online.plan(fresh.config(), fresh.config().positions()));
        }
        return OptionalLong.empty();
    }

    private static OptionalLong peak(StudyPlan plan) {
        boolean rounded = Computing.standard().precision() == MatrixPrecision.BFLOAT16;
        return OptionalLong.of(rounded ? plan.bfloat16PeakBytes() : plan.peakBytes());
    }
}
