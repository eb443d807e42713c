package org.preferencelearning.core.finite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Policy;

class ResponseSpaceTest {
    /** Every token is drawn by itself, token 0 ends a response: divergences are known. */
    private static Policy independent(double... probabilities) {
        return sequences -> sequences.stream()
                .mapToDouble(sequence -> {
                    double sum = 0;
                    for (int i = sequence.promptLength(); i < sequence.length(); i++) {
                        sum += Math.log(probabilities[sequence.tokens()[i]]);
                    }
                    return sum;
                })
                .toArray();
    }

    @Test
    void responsesEndOrAreCutOffAndNoneIsMissing() {
        ResponseSpace space = ResponseSpace.of(new int[] {2, 1}, 3, 0, 2);
        assertThat(space.responses())
                .extracting(TokenSequence::tokens)
                .containsExactlyInAnyOrder(
                        new int[] {2, 1, 0},
                        new int[] {2, 1, 1, 0},
                        new int[] {2, 1, 1, 1},
                        new int[] {2, 1, 1, 2},
                        new int[] {2, 1, 2, 0},
                        new int[] {2, 1, 2, 1},
                        new int[] {2, 1, 2, 2});
        assertThat(ResponseSpace.size(3, 2)).isEqualTo(7);
        assertThat(ResponseSpace.of(new int[] {1}, 4, 3, 5).responses()).hasSize((int) ResponseSpace.size(4, 5));
    }

    @Test
    void sumsOverResponsesAreWhatIndependentTokensGive() {
        Policy policy = independent(0.3, 0.5, 0.2);
        Policy reference = independent(0.2, 0.3, 0.5);
        ResponseSpace space = ResponseSpace.of(new int[] {1}, 3, 0, 4);
        // a token is drawn while none has ended the response: expected length times the divergence of one token
        double length = 1 + 0.7 + 0.49 + 0.343;
        double one = 0.3 * Math.log(0.3 / 0.2) + 0.5 * Math.log(0.5 / 0.3) + 0.2 * Math.log(0.2 / 0.5);
        assertThat(space.expectation(policy, response -> 1)).isCloseTo(1, within(1e-12));
        assertThat(space.expectation(policy, TokenSequence::responseLength)).isCloseTo(length, within(1e-12));
        assertThat(space.divergence(policy, reference)).isCloseTo(length * one, within(1e-12));
        assertThat(space.divergence(policy, policy)).isZero();
    }

    @Test
    void whatCannotBeListedIsRefused() {
        assertThatThrownBy(() -> ResponseSpace.of(new int[] {0}, 50257, 50256, 2))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("responses");
        for (ThrowingSpace wrong : List.<ThrowingSpace>of(
                () -> ResponseSpace.of(new int[0], 3, 0, 2),
                () -> ResponseSpace.of(new int[] {1}, 1, 0, 2),
                () -> ResponseSpace.of(new int[] {1}, 3, 3, 2),
                () -> ResponseSpace.of(new int[] {1}, 3, 0, 0))) {
            assertThatThrownBy(wrong::make).isInstanceOf(SettingException.class);
        }
    }

    private interface ThrowingSpace {
        void make();
    }
}
