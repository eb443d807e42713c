package org.preferencelearning.examples;

import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.online.OnlineStudy;

/** Where the public code and the text of a study differ, which of the two is followed. */
enum Preset {
    PUBLISHED,
    DESCRIBED;

    OnlineStudy of(OnlineStudy study) {
        return this == PUBLISHED ? study.asPublished() : study.asDescribed();
    }

    DataSizeStudy of(DataSizeStudy study) {
        return this == PUBLISHED ? study.asPublished() : study.asDescribed();
    }
}
