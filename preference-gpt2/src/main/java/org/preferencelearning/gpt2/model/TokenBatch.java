package org.preferencelearning.gpt2.model;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.compile.CausalMask;

/**
 * Sequences laid out in one rectangle, padded on the right with token 0. Positions are counted along the rectangle: column
 * {@code c} of row {@code r} is {@code r * length + c}.
 *
 * <p>A row holds one sequence, or two of the same prompt: the prompt once, then the one response and then the other. Both
 * responses are at the places that follow the prompt, and {@link #mask} hides the first from the second, so that every
 * token sees what it would see in a row of its own.
 */
final class TokenBatch {
    private static final int[] LENGTHS = {16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1280, 1536, 2048};

    private final List<TokenSequence> sequences;
    private final List<Row> rows;
    private final int length;
    private final int[] ids;
    private final int[] places;
    private final int[] starts;
    private final int[] responseStarts;

    private TokenBatch(List<TokenSequence> sequences, List<Row> rows, int length) {
        this.sequences = sequences;
        this.rows = rows;
        this.length = length;
        this.ids = new int[rows.size() * length];
        this.places = new int[ids.length];
        this.starts = new int[sequences.size()];
        this.responseStarts = new int[sequences.size()];
        for (int row = 0; row < rows.size(); row++) {
            int end = row * length;
            for (int member : rows.get(row).members) {
                TokenSequence sequence = sequences.get(member);
                boolean second = end > row * length;
                starts[member] = row * length;
                responseStarts[member] = second ? end : end + sequence.promptLength();
                for (int t = second ? sequence.promptLength() : 0; t < sequence.length(); t++) {
                    ids[end] = sequence.token(t);
                    places[end] = t;
                    end++;
                }
            }
        }
    }

    /** A sequence a row, padded to the shortest of a few fixed lengths, so that few shapes occur. */
    static TokenBatch of(List<TokenSequence> sequences, Gpt2Config config) {
        sequences.forEach(sequence -> check(sequence, config));
        List<Row> rows = IntStream.range(0, sequences.size())
                .mapToObj(member -> Row.of(sequences, List.of(member)))
                .toList();
        return new TokenBatch(sequences, rows, bucket(rows, config.positions()));
    }

    /** Two sequences of the same prompt in a row wherever there are any, if that is less to compute. */
    static TokenBatch sharingPrompts(List<TokenSequence> sequences, Gpt2Config config) {
        TokenBatch alone = of(sequences, config);
        Map<List<Integer>, List<Integer>> byPrompt = new LinkedHashMap<>();
        for (int member = 0; member < sequences.size(); member++) {
            TokenSequence sequence = sequences.get(member);
            int[] prompt = Arrays.copyOf(sequence.tokens(), sequence.promptLength());
            byPrompt.computeIfAbsent(Ints.asList(prompt), key -> new ArrayList<>())
                    .add(member);
        }
        List<Row> rows = new ArrayList<>();
        for (List<Integer> members : byPrompt.values()) {
            for (int first = 0; first < members.size(); first += 2) {
                rows.add(Row.of(sequences, members.subList(first, Math.min(first + 2, members.size()))));
            }
        }
        int length = bucket(rows, 2 * config.positions());
        return work(rows.size(), length, config) < work(alone.rows(), alone.length, config)
                ? new TokenBatch(sequences, rows, length)
                : alone;
    }

    /** Operations of a block, but for a factor: its products with weights and those of attention. */
    private static double work(int rows, int length, Gpt2Config config) {
        return (double) rows * length * (6.0 * config.width() + length);
    }

    /** Throws unless a sequence fits the model. */
    static void check(TokenSequence sequence, Gpt2Config config) {
        SettingException.require(
                sequence.length() <= config.positions(),
                "sequence",
                sequence.length() + " tokens",
                "at most " + config.positions() + " tokens, the model's n_positions");
        for (int t = 0; t < sequence.length(); t++) {
            int id = sequence.token(t);
            SettingException.require(
                    id < config.vocabulary(),
                    "token",
                    id,
                    "0 to " + (config.vocabulary() - 1) + ", the model's vocabulary");
        }
    }

    private static int bucket(List<Row> rows, int most) {
        int longest = rows.stream().mapToInt(Row::used).max().orElse(0);
        for (int length : LENGTHS) {
            if (length >= longest && length <= most) {
                return length;
            }
        }
        return most;
    }

    List<TokenSequence> sequences() {
        return sequences;
    }

    int rows() {
        return rows.size();
    }

    /** Columns, padding included. */
    int length() {
        return length;
    }

    /** Positions that are not padding, in order. */
    int[] used() {
        return IntStream.range(0, rows.size())
                .flatMap(row -> IntStream.range(
                        row * length, row * length + rows.get(row).used()))
                .toArray();
    }

    /** Token at every position. */
    int[] ids() {
        return ids;
    }

    /** Place of every position in its own sequence; 0 for padding. */
    int[] places() {
        return places;
    }

    /** Tokens of the longest sequence. */
    int longest() {
        return sequences.stream().mapToInt(TokenSequence::length).max().orElse(0);
    }

    /** Where a sequence's token stands. */
    int position(int sequence, int token) {
        int prompt = sequences.get(sequence).promptLength();
        return token < prompt ? starts[sequence] + token : responseStarts[sequence] + token - prompt;
    }

    /** Where the last token of a sequence stands. */
    int lastPosition(int sequence) {
        return position(sequence, sequences.get(sequence).length() - 1);
    }

    /** Where the last token of each sequence stands, in order. */
    int[] lastPositions() {
        return IntStream.range(0, sequences.size()).map(this::lastPosition).toArray();
    }

    /** Whether any row holds two sequences, so that attention needs {@link #mask}. */
    boolean sharesPrompts() {
        return rows.size() < sequences.size();
    }

    /** What is added to attention scores, {@code [rows][queries][keys]}. */
    float[][][] mask() {
        float[][][] mask = new float[rows.size()][][];
        for (int r = 0; r < mask.length; r++) {
            Row row = rows.get(r);
            mask[r] = CausalMask.of(length);
            for (int query = row.second; query < row.used; query++) {
                Arrays.fill(mask[r][query], row.first, row.second, CausalMask.HIDDEN);
            }
        }
        return mask;
    }

    /**
     * Who shares a row.
     *
     * @param members one sequence, or two of the same prompt
     * @param first column of the first response
     * @param second column of the second response, or where there is none, of the padding
     * @param used columns that are not padding
     */
    private record Row(List<Integer> members, int first, int second, int used) {
        static Row of(List<TokenSequence> sequences, List<Integer> members) {
            TokenSequence one = sequences.get(members.get(0));
            int rest = members.stream()
                    .skip(1)
                    .mapToInt(member -> sequences.get(member).responseLength())
                    .sum();
            return new Row(List.copyOf(members), one.promptLength(), one.length(), one.length() + rest);
        }
    }
}
