package org.preferencelearning.experiments.study;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;

/**
 * Pairs that are written down with the study.
 *
 * @param label short name for tables
 * @param pairs at least one
 * @param words each of which is a token, or none for GPT-2's own tokens
 */
public record GivenPairs(String label, List<PreferencePair> pairs, List<String> words) implements PairSource {
    public GivenPairs {
        SettingException.require(!label.isBlank(), "label", label, "a name");
        pairs = ImmutableList.copyOf(pairs);
        SettingException.requireAtLeast("pairs", pairs.size(), 1);
        words = ImmutableList.copyOf(words);
    }
}
