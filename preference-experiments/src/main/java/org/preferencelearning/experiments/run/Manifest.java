package org.preferencelearning.experiments.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.preferencelearning.experiments.result.Provenance;

/**
 * What a run directory is about: {@code manifest.json}.
 *
 * @param format version of the directory's form
 * @param study the study
 * @param studyHash SHA-256 of the study's canonical JSON
 * @param contents hashes of the files that the study names
 * @param sessions what worked on the run, one entry for each time
 */
record Manifest(int format, JsonNode study, String studyHash, Map<String, String> contents, List<Session> sessions) {
    /** The form that is written. Form 1 did not say which item each value belongs to. */
    static final int FORMAT = 2;

    /**
     * A process that worked on the run.
     *
     * @param started when
     * @param provenance with what
     */
    record Session(String started, Provenance provenance) {}
}
