package org.preferencelearning.gpt2.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;

/**
 * Packing for supervised fine-tuning, as in the public code ({@code sft.py}): texts joined by end-of-text tokens and cut
 * into pieces of one length, all of whose tokens but the first are learned. The rest that fills no piece is left out.
 */
public final class Packing {
    private Packing() {}

    /**
     * The pieces.
     *
     * @param texts token ids, without end of text
     * @param length of a piece, at least 2
     */
    public static List<TokenSequence> pack(List<int[]> texts, int endOfText, int length) {
        SettingException.requireAtLeast("maxLength", length, 2);
        List<TokenSequence> pieces = new ArrayList<>();
        int[] piece = new int[length];
        int filled = 0;
        for (int[] text : texts) {
            int[] ended = Arrays.copyOf(text, text.length + 1);
            ended[text.length] = endOfText;
            for (int token : ended) {
                piece[filled++] = token;
                if (filled == length) {
                    pieces.add(new TokenSequence(piece, 1));
                    filled = 0;
                }
            }
        }
        return pieces;
    }
}
