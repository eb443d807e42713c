package org.preferencelearning.experiments.run;

import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.study.ModelSpec;

/** Most tokens of prompt and response in an online study. */
final class SequenceLimit {
    /** The public code's {@code max_length}. */
    private static final int PUBLISHED = 256;

    private SequenceLimit() {}

    static int of(OnlineStudy study) {
        return study.model() instanceof ModelSpec.Fresh fresh
                ? Math.min(PUBLISHED, fresh.config().positions())
                : PUBLISHED;
    }
}
