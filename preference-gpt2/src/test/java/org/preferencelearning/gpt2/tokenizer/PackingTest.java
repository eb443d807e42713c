package org.preferencelearning.gpt2.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;

class PackingTest {
    @Test
    void textsAreJoinedByTheirEndsAndCut() {
        List<TokenSequence> pieces = Packing.pack(List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6}), 9, 4);
        assertThat(pieces)
                .containsExactly(
                        new TokenSequence(new int[] {1, 2, 3, 9}, 1), new TokenSequence(new int[] {4, 9, 5, 6}, 1));
        assertThat(Packing.pack(List.of(new int[] {1}), 9, 4)).isEmpty();
        assertThatThrownBy(() -> Packing.pack(List.of(), 9, 1)).isInstanceOf(SettingException.class);
    }
}
