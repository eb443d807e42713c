package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.NumpyPermutation;
import org.preferencelearning.core.random.RandomSource;

/**
 * An immutable, ordered list of preference pairs.
 *
 * @param name what tables and manifests call it
 * @param pairs the pairs, in order
 */
public record PreferenceDataset(String name, List<PreferencePair> pairs) {
    public PreferenceDataset {
        requireNonNull(name, "name");
        pairs = ImmutableList.copyOf(pairs);
    }

    /** Number of pairs. */
    public int size() {
        return pairs.size();
    }

    /**
     * The first {@code n} pairs.
     *
     * @throws SettingException if there are fewer
     */
    public PreferenceDataset first(int n) {
        SettingException.require(n >= 0 && n <= size(), "first", n, "0 to " + size() + ", the size of " + name);
        return new PreferenceDataset(name, pairs.subList(0, n));
    }

    /** The pairs at the given indices, in that order. */
    public PreferenceDataset select(int... indices) {
        ImmutableList.Builder<PreferencePair> selected = ImmutableList.builder();
        for (int index : indices) {
            SettingException.require(index >= 0 && index < size(), "index", index, "0 to " + (size() - 1));
            selected.add(pairs.get(index));
        }
        return new PreferenceDataset(name, selected.build());
    }

    /** The pairs in an order drawn from {@code random}. */
    public PreferenceDataset shuffled(RandomSource random) {
        return select(random.permutation(size()));
    }

    /**
     * Hugging Face's {@code Dataset.train_test_split(test_size, seed)}, to the row: of NumPy's permutation the first
     * {@code ceil(testShare * size)} rows are the test part, the others the training part.
     *
     * @param testShare above 0 and below 1, such that neither part is empty
     * @param seed NumPy's seed; the public code of arXiv 2505.19770 uses 0
     */
    public Split trainTestSplit(double testShare, long seed) {
        SettingException.require(testShare > 0 && testShare < 1, "testShare", testShare, "above 0 and below 1");
        int test = (int) Math.ceil(testShare * size());
        SettingException.require(
                test > 0 && test < size(),
                "testShare",
                testShare,
                "a share that leaves rows in both parts of " + size());
        int[] order = NumpyPermutation.of(seed, size());
        return new Split(select(Arrays.copyOfRange(order, test, order.length)), select(Arrays.copyOf(order, test)));
    }

    /** SHA-256 over every field of every pair, in order; the name does not count. */
    public String fingerprint() {
        Hasher hasher = Hashing.sha256().newHasher();
        for (PreferencePair pair : pairs) {
            for (String text : List.of(pair.prompt(), pair.chosen(), pair.rejected())) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                hasher.putInt(bytes.length).putBytes(bytes);
            }
            hasher.putBoolean(pair.margin().isPresent())
                    .putDouble(pair.margin().orElse(0))
                    .putDouble(pair.weight());
        }
        return hasher.hash().toString();
    }

    /**
     * Two disjoint parts of a data set.
     *
     * @param train what is trained on
     * @param test what is held out
     */
    public record Split(PreferenceDataset train, PreferenceDataset test) {}
}
