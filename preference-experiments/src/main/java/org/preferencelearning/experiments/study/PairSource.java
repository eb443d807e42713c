package org.preferencelearning.experiments.study;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import java.util.List;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.experiments.task.OpenKind;

/**
 * Preference pairs from a user's own code. An implementation is a record, whose class and components are what a study that
 * uses it is written down with; the pairs count in the keys of results.
 */
@OpenKind
@JsonSubTypes(@JsonSubTypes.Type(value = GivenPairs.class, name = "given"))
public interface PairSource {
    /** Short name for tables. */
    String label();

    /** The pairs, the same in the same order each time. */
    List<PreferencePair> pairs();

    /**
     * The words that texts are made of, where each is to be one token, as for small models; none for GPT-2's own tokens.
     */
    default List<String> words() {
        return List.of();
    }
}
