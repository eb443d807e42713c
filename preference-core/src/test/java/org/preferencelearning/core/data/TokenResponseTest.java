package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;

class TokenResponseTest {
    private static TokenResponse response(int prompt, int... tokens) {
        int[] all = new int[2 + tokens.length];
        all[1] = prompt;
        System.arraycopy(tokens, 0, all, 2, tokens.length);
        return new TokenResponse(new TokenSequence(all, 2), Optional.empty(), tokens[0] % 2 == 0, tokens[0]);
    }

    @Test
    void aMismatchedResponseIsTheOneBeforeThatHasAnotherPrompt() {
        List<TokenResponse> mismatching = TokenResponse.mismatching(
                List.of(response(1, 10, 11, 12), response(2, 20), response(2, 21, 22), response(3, 30, 31)), 5);
        assertThat(mismatching.stream().map(one -> one.mismatched().orElseThrow()))
                .containsExactly(
                        new TokenSequence(new int[] {0, 1, 30, 31}, 2),
                        new TokenSequence(new int[] {0, 2, 10, 11, 12}, 2),
                        new TokenSequence(new int[] {0, 2, 10, 11, 12}, 2),
                        new TokenSequence(new int[] {0, 3, 21, 22}, 2));
        // all else stays
        assertThat(mismatching.get(3))
                .extracting(TokenResponse::sequence, TokenResponse::desirable, TokenResponse::weight)
                .containsExactly(response(3, 30, 31).sequence(), true, 30.0);
    }

    @Test
    void aMismatchedResponseIsCut() {
        List<TokenResponse> mismatching =
                TokenResponse.mismatching(List.of(response(1, 10, 11, 12), response(2, 20)), 4);
        assertThat(mismatching.get(1).mismatched()).contains(new TokenSequence(new int[] {0, 2, 10, 11}, 2));
        assertThatThrownBy(() -> TokenResponse.mismatching(List.of(response(1, 10), response(2, 20)), 2))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'prompt' is 2 tokens; allowed: below 2, the longest sequence");
    }

    @Test
    void onePromptHasNoMismatches() {
        assertThatThrownBy(() -> TokenResponse.mismatching(List.of(response(1, 10), response(1, 20)), 9))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'prompts' is all the same; allowed: at least two different ones");
        assertThatThrownBy(() -> TokenResponse.mismatching(List.of(response(1, 10)), 9))
                .isInstanceOf(SettingException.class);
    }

    @Test
    void aMismatchedSequenceHasTheSamePrompt() {
        assertThatThrownBy(() -> new TokenResponse(
                        response(1, 10).sequence(), Optional.of(response(2, 20).sequence()), true, 1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'mismatched'");
    }
}
