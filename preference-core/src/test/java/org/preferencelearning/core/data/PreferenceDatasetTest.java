package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;

class PreferenceDatasetTest {
    /** Hashes of Hugging Face's {@code train_test_split(0.1, seed=0)}: comma-separated row numbers of each part. */
    @ParameterizedTest
    @CsvSource({
        "10, cfb06481de4300494afa38c14506ccce51baaaf4eedc685c6ba689b6b0e79d4e,"
                + "4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a",
        "100, 217d49a9870f277c66edbbfd83b446910ff8c2c53a454973d12ad23d6d5cbd93,"
                + "7514e5efd644d40da7e07dc0be1fc03089484b44e8be5593154ee03ba658aae9",
        "1000, 0c52fbaf8c8fc737170ef3ca8181d59b7c38e1cd825cf7bebc2d077fa1531606,"
                + "1dbadd5152b6f186cf599fe74b3bc8a4a1413b84044300718a94bcaa6f963244",
        "10000, bd5f55025bfde0075371f8c4adfdf4ab41e32e674907e1fd054b273bb25f4983,"
                + "0096b68c297845415c086dae2040cd4c122b6b3f855ffc03d29f35018e5a8f3c"
    })
    void theSplitIsHuggingFaces(int n, String train, String test) {
        PreferenceDataset.Split split = numbered(n).trainTestSplit(0.1, 0);
        assertThat(hash(split.train())).isEqualTo(train);
        assertThat(hash(split.test())).isEqualTo(test);
    }

    @Test
    void aSplitThatLeavesAPartEmptyIsRefused() {
        assertThatThrownBy(() -> numbered(1).trainTestSplit(0.5, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("testShare");
        assertThatThrownBy(() -> numbered(10).trainTestSplit(1.5, 0)).isInstanceOf(SettingException.class);
    }

    @Test
    void firstTakesAPrefixAndNoMoreThanThereIs() {
        assertThat(numbered(5).first(2).pairs()).isEqualTo(numbered(2).pairs());
        assertThatThrownBy(() -> numbered(5).first(6))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("first")
                .hasMessageContaining("6");
    }

    @Test
    void shufflingKeepsEveryPair() {
        PreferenceDataset shuffled = numbered(50).shuffled(RandomSource.of(1));
        assertThat(shuffled.pairs())
                .isNotEqualTo(numbered(50).pairs())
                .hasSameElementsAs(numbered(50).pairs());
    }

    @Test
    void theFingerprintReadsEveryFieldAndTheOrder() {
        PreferencePair pair = PreferencePair.of("p", "c", "r");
        PreferencePair other = PreferencePair.of("q", "d", "s");
        List<PreferenceDataset> different = List.of(
                dataset(pair),
                dataset(PreferencePair.of("pc", "c", "r")),
                dataset(PreferencePair.of("p", "cr", "r")),
                dataset(PreferencePair.of("p", "c", "x")),
                dataset(pair.withMargin(0)),
                dataset(pair.withMargin(1)),
                dataset(pair, other),
                dataset(other, pair));
        assertThat(different.stream().map(PreferenceDataset::fingerprint).distinct())
                .hasSameSizeAs(different);
        assertThat(dataset(pair).fingerprint())
                .isEqualTo(new PreferenceDataset("another name", List.of(pair)).fingerprint());
    }

    private static PreferenceDataset dataset(PreferencePair... pairs) {
        return new PreferenceDataset("d", List.of(pairs));
    }

    private static PreferenceDataset numbered(int n) {
        List<PreferencePair> pairs = new ArrayList<>();
        IntStream.range(0, n).forEach(i -> pairs.add(PreferencePair.of(Integer.toString(i), "c", "r")));
        return new PreferenceDataset("numbered", pairs);
    }

    private static String hash(PreferenceDataset dataset) {
        String joined = dataset.pairs().stream().map(PreferencePair::prompt).collect(Collectors.joining(","));
        return Hashing.sha256().hashString(joined, StandardCharsets.US_ASCII).toString();
    }
}
