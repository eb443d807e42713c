package org.preferencelearning.experiments.result;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * What computed a result: versions, machine and threads, on which bits may depend though results do not.
 *
 * @param facts by name
 */
public record Provenance(Map<String, String> facts) {
    public Provenance {
        facts = ImmutableMap.copyOf(facts);
    }
}
