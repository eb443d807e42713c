package org.preferencelearning.experiments.run;

import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.study.Study;

/** Runs studies. */
public interface StudyRunner {
    /**
     * Computes what is not there yet of a study's cells, and returns all of them.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if something that the user can mend is wrong; what was
     *     computed before is kept where the runner keeps results
     */
    StudyResult run(Study study);
}
