package org.preferencelearning.gpt2.model;

import java.util.List;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * Sequences laid out in one rectangle, padded on the right with token 0. Positions are counted along the rectangle: row
 * {@code r}, token {@code t} is {@code r * length + t}.
 */
record TokenBatch(List<TokenSequence> sequences, int length, int[] ids) {
    private static final int[] LENGTHS = {16, 32, 64, 128, 192, 256, 384, 512, 768, 1024};

    /** Pads to the shortest of a few fixed lengths, so that few shapes occur. */
    static TokenBatch of(List<TokenSequence> sequences, Gpt2Config config) {
        int longest = 0;
        for (TokenSequence sequence : sequences) {
            SettingException.require(
                    sequence.length() <= config.positions(),
                    "sequence",
                    sequence.length() + " tokens",
                    "at most " + config.positions() + " tokens, the model's n_positions");
            longest = Math.max(longest, sequence.length());
        }
        int length = bucket(longest, config.positions());
        int[] ids = new int[sequences.size() * length];
        for (int row = 0; row < sequences.size(); row++) {
            TokenSequence sequence = sequences.get(row);
            for (int t = 0; t < sequence.length(); t++) {
                int id = sequence.token(t);
                SettingException.require(
                        id < config.vocabulary(),
                        "token",
                        id,
                        "0 to " + (config.vocabulary() - 1) + ", the model's vocabulary");
                ids[row * length + t] = id;
            }
        }
        return new TokenBatch(sequences, length, ids);
    }

    private static int bucket(int longest, int positions) {
        for (int length : LENGTHS) {
            if (length >= longest && length <= positions) {
                return length;
            }
        }
        return positions;
    }

    int rows() {
        return sequences.size();
    }

    /** Tokens of the longest sequence. */
    int longest() {
        return sequences.stream().mapToInt(TokenSequence::length).max().orElse(0);
    }

    /** Where the last real token of a row stands. */
    int lastPosition(int row) {
        return row * length + sequences.get(row).length() - 1;
    }

    /** Place of every position in its own sequence. */
    static int[] places(int rows, int length) {
        return IntStream.range(0, rows * length)
                .map(position -> position % length)
                .toArray();
    }
}
