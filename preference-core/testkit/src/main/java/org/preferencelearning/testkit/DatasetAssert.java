package org.preferencelearning.testkit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;

/** Assertions on a data set. */
public final class DatasetAssert extends AbstractAssert<DatasetAssert, PreferenceDataset> {
    DatasetAssert(PreferenceDataset dataset) {
        super(dataset, DatasetAssert.class);
    }

    /** It holds that many pairs. */
    public DatasetAssert hasSize(int pairs) {
        isNotNull();
        if (actual.size() != pairs) {
            throw failure("data set '%s' holds %s pairs; expected: %s", actual.name(), actual.size(), pairs);
        }
        return this;
    }

    /** It holds these pairs, in this order, whatever it is called. */
    public DatasetAssert hasPairs(PreferencePair... pairs) {
        isNotNull();
        for (int i = 0; i < Math.min(pairs.length, actual.size()); i++) {
            PreferencePair found = actual.pairs().get(i);
            requireField(i, "prompt", found.prompt(), pairs[i].prompt());
            requireField(i, "chosen", found.chosen(), pairs[i].chosen());
            requireField(i, "rejected", found.rejected(), pairs[i].rejected());
            requireField(i, "margin", found.margin(), pairs[i].margin());
            requireField(i, "weight", found.weight(), pairs[i].weight());
        }
        return hasSize(pairs.length);
    }

    /** It shares no comparison with another data set, as parts for training and testing must not, whatever margins say. */
    public DatasetAssert isDisjointFrom(PreferenceDataset other) {
        isNotNull();
        Set<List<String>> theirs = new HashSet<>();
        other.pairs().forEach(pair -> theirs.add(texts(pair)));
        for (int i = 0; i < actual.size(); i++) {
            PreferencePair pair = actual.pairs().get(i);
            if (theirs.contains(texts(pair))) {
                throw failure(
                        "data sets '%s' and '%s' share pair %s of the first: %s",
                        actual.name(), other.name(), i, texts(pair));
            }
        }
        return this;
    }

    private static List<String> texts(PreferencePair pair) {
        return List.of(pair.prompt(), pair.chosen(), pair.rejected());
    }

    private void requireField(int pair, String field, Object found, Object expected) {
        if (!found.equals(expected)) {
            throw failure(
                    "%s of pair %s of data set '%s' is <%s>; expected: <%s>",
                    field, pair, actual.name(), found, expected);
        }
    }
}
