package org.preferencelearning.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.SettingException;

class NumpyPermutationTest {
    @Test
    void smallPermutationsEqualNumpys() {
        assertThat(NumpyPermutation.of(0, 10)).containsExactly(4, 6, 2, 7, 3, 5, 9, 0, 8, 1);
        assertThat(NumpyPermutation.of(42, 12)).containsExactly(0, 7, 6, 9, 11, 3, 5, 2, 4, 10, 1, 8);
        assertThat(NumpyPermutation.of(0, 0)).isEmpty();
        assertThat(NumpyPermutation.of(0, 1)).containsExactly(0);
    }

    /** SHA-256 of the comma-separated indices, from numpy 2.4.6. */
    @ParameterizedTest
    @CsvSource({
        "0, 10000, 2dfb11ffa3af7afa32b57e7961e58149cdbcb7c8c0b89dc99d0eac1a7fd80ec5",
        "7, 100000, 168bde4df60d878c4784603c547ad2b8d4297a5bf61dc951a71c108a2c457e89",
        "4294967295, 1000, 662abe9ee6281404be29bd56be788896ddbaa46d3fb4917d6bbe92ae2018259c"
    })
    void largePermutationsEqualNumpys(long seed, int n, String sha256) {
        String joined = Arrays.stream(NumpyPermutation.of(seed, n))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
        assertThat(Hashing.sha256().hashString(joined, StandardCharsets.US_ASCII))
                .hasToString(sha256);
    }

    @Test
    void aSeedOutsideNumpysRangeIsRefused() {
        assertThatThrownBy(() -> NumpyPermutation.of(-1, 3))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("seed")
                .hasMessageContaining("-1");
    }
}
