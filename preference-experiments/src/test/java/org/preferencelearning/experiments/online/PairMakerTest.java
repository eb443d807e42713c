package org.preferencelearning.experiments.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;

class PairMakerTest {
    private static final int END = 9;

    /** Rewards 1, 4, 2, 3 of lengths 1, 30, 1, 1; the penalty turns the best into the worst. */
    @ParameterizedTest
    @CsvSource({
        "MAX_MIN, 1, 0",
        "MAX_RANDOM, 1, 0",
        "MAX_MAX, 1, 3",
        "MAX_MIN_P, 3, 1",
        "RANDOM, 0, 1",
        "MIXED_MAX_MIN, 1, 2"
    })
    void eachSelectionTakesItsTwo(PairSelection selection, int first, int second) {
        PairSelector.Pair pair = selection.select(new double[] {1, 4, 2, 3}, new int[] {1, 30, 1, 1}, 0.5);
        assertThat(pair).isEqualTo(new PairSelector.Pair(first, second));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1e7, -1e7})
    void aLengthPenaltyThatIsNoneIsRefused(double penalty) {
        assertThatThrownBy(() -> new PublicSelection(PairSelection.MAX_MIN_P, penalty))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'lengthPenalty' is " + penalty);
    }

    @Test
    void oneResponseIsNoPair() {
        assertThatThrownBy(() -> PairSelection.MAX_MIN.select(new double[1], new int[1], 0))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void theBetterResponseIsChosenAndTheMarginIsTheDifference() {
        PairMaker.Result made = maker(TiePolicy.DROP, -1)
                .pairs(List.of(List.of(rollout(1, true), rollout(2, true))), new double[] {0.5, 2});
        TokenPair pair = made.pairs().get(0);
        assertThat(pair.chosen().token(1)).isEqualTo(2);
        assertThat(pair.margin()).hasValue(1.5);
        assertThat(pair.weight()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"DROP, 0, 0", "KEEP_FIRST, 1, 1", "HALF_WEIGHT, 1, 0.5"})
    void tiesAreCountedAndTreatedAsSaid(TiePolicy ties, int pairs, double weight) {
        PairMaker.Result made =
                maker(ties, -1).pairs(List.of(List.of(rollout(1, true), rollout(2, true))), new double[] {2, 2});
        assertThat(made.ties()).isEqualTo(1);
        assertThat(made.pairs()).hasSize(pairs);
        made.pairs().forEach(pair -> {
            assertThat(pair.weight()).isEqualTo(weight);
            assertThat(pair.margin()).hasValue(0);
            assertThat(pair.chosen().token(1)).isEqualTo(1);
        });
    }

    @Test
    void onlyResponsesThatWereCutOffGetAnEnd() {
        PairMaker.Result made = maker(TiePolicy.DROP, END)
                .pairs(List.of(List.of(rollout(1, true), rollout(2, false))), new double[] {1, 0});
        assertThat(made.pairs().get(0).chosen().tokens()).containsExactly(0, 1, END);
        assertThat(made.pairs().get(0).rejected().tokens()).containsExactly(0, 2, END);
    }

    @Test
    void equalResponsesOfUnequalRewardsAreNoPairAndCounted() {
        PairMaker.Result made = maker(TiePolicy.DROP, -1)
                .pairs(List.of(List.of(rollout(1, true), rollout(1, true))), new double[] {1, 0});
        assertThat(made.pairs()).isEmpty();
        assertThat(made.ties()).isEqualTo(1);
    }

    private static PairMaker maker(TiePolicy ties, int end) {
        return new PairMaker(new PublicSelection(PairSelection.MAX_MIN, 0), ties, end);
    }

    private static Rollout rollout(int token, boolean ended) {
        int[] tokens = ended ? new int[] {0, token, END} : new int[] {0, token};
        return new Rollout(new TokenSequence(tokens, 1), ImmutableDoubleArray.of(), ended);
    }
}
