package org.preferencelearning.gpt2.tokenizer;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.data.RowRejectedException;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenResponse;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.data.UnpairedResponse;
import org.preferencelearning.core.error.SettingException;

/** Encodes preference pairs, and responses on their own, under a {@link Tokenization}. */
public final class PairTokenizer {
    private final Tokenizer tokenizer;
    private final Tokenization settings;
    private int spanned;
    private int cut;

    private PairTokenizer(Tokenizer tokenizer, Tokenization settings) {
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    /**
     * Encodes every pair of {@code dataset} that fits.
     *
     * @return the encoded pairs in order, and what was left out and why
     */
    public static Result encode(PreferenceDataset dataset, Tokenizer tokenizer, Tokenization settings) {
        PairTokenizer encoder = new PairTokenizer(tokenizer, settings);
        ImmutableList.Builder<TokenPair> pairs = ImmutableList.builder();
        ImmutableList.Builder<Integer> rows = ImmutableList.builder();
        RejectedRows rejected = RejectedRows.none();
        for (int row = 0; row < dataset.size(); row++) {
            try {
                pairs.add(encoder.encode(dataset.pairs().get(row)));
                rows.add(row);
            } catch (RowRejectedException e) {
                rejected = rejected.plus(e.reason());
            }
        }
        return new Result(pairs.build(), rows.build(), rejected, encoder.spanned, encoder.cut);
    }

    /**
     * Encodes every response that fits, on its own.
     *
     * @param settings whose boundary is not {@link BoundaryPolicy#COMMON_PREFIX}, which takes two responses
     * @return the encoded responses in order, without mismatched ones, and what was left out and why
     */
    public static Unpaired encode(List<UnpairedResponse> responses, Tokenizer tokenizer, Tokenization settings) {
        SettingException.require(
                settings.boundary() != BoundaryPolicy.COMMON_PREFIX,
                "boundary",
                settings.boundary(),
                "SEPARATE, JOINT or NONE: a response on its own has no common prefix with another");
        PairTokenizer encoder = new PairTokenizer(tokenizer, settings);
        ImmutableList.Builder<TokenResponse> encoded = ImmutableList.builder();
        RejectedRows rejected = RejectedRows.none();
        for (UnpairedResponse response : responses) {
            try {
                Side side = encoder.side(response.prompt(), response.response());
                TokenSequence sequence = encoder.sequence(encoder.cut(side, side.ids.length));
                encoder.count(side.ids.length);
                encoded.add(new TokenResponse(sequence, Optional.empty(), response.desirable(), response.weight()));
            } catch (RowRejectedException e) {
                rejected = rejected.plus(e.reason());
            }
        }
        return new Unpaired(encoded.build(), rejected, encoder.spanned, encoder.cut);
    }

    private TokenPair encode(PreferencePair pair) throws RowRejectedException {
        Side chosen = side(pair.prompt(), pair.chosen());
        Side rejected = side(pair.prompt(), pair.rejected());
        if (settings.boundary() == BoundaryPolicy.COMMON_PREFIX) {
            int mismatch = Arrays.mismatch(chosen.ids, rejected.ids);
            int shared = mismatch < 0 ? chosen.ids.length : mismatch;
            chosen = new Side(chosen.ids, shared);
            rejected = new Side(rejected.ids, shared);
        }
        int longest = Math.max(chosen.ids.length, rejected.ids.length);
        TokenPair encoded = new TokenPair(
                sequence(cut(chosen, longest)), sequence(cut(rejected, longest)), pair.margin(), pair.weight());
        count(longest);
        return encoded;
    }

    private void count(int longest) {
        cut += longest > settings.maxLength() ? 1 : 0;
    }

    /** A side that is not too long, where the longer side of its pair has so many tokens. */
    private Side cut(Side side, int longest) throws RowRejectedException {
        if (longest <= settings.maxLength()) {
            return side;
        }
        if (settings.truncation() == TruncationPolicy.DROP) {
            throw new RowRejectedException("longer than " + settings.maxLength() + " tokens");
        }
        return truncated(side, longest);
    }

    private Side side(String prompt, String response) {
        int[] promptIds;
        int[] ids;
        switch (settings.boundary()) {
            case SEPARATE -> {
                promptIds = tokenizer.encode(prompt);
                ids = joined(promptIds, tokenizer.encode(response));
            }
            case JOINT -> {
                promptIds = tokenizer.encode(prompt);
                ids = tokenizer.encode(prompt + response);
                int common = Math.min(promptIds.length, ids.length);
                if (!Arrays.equals(promptIds, Arrays.copyOf(ids, common))) {
                    spanned++;
                }
            }
            default -> {
                promptIds = new int[0];
                ids = tokenizer.encode(prompt + response);
            }
        }
        int promptLength = Math.min(promptIds.length, ids.length);
        if (settings.eos() == EosPolicy.APPEND) {
            ids = joined(ids, new int[] {tokenizer.endOfText()});
        }
        return new Side(ids, promptLength);
    }

    /** Both sides of a pair are cut by the longer one's length, so that their prompts stay equal. */
    private Side truncated(Side side, int longest) {
        if (settings.truncation() == TruncationPolicy.KEEP_START) {
            int length = Math.min(side.ids.length, settings.maxLength());
            return new Side(Arrays.copyOf(side.ids, length), Math.min(side.promptLength, length));
        }
        int cut = Math.max(0, side.promptLength - settings.maxPromptLength());
        int[] ids = Arrays.copyOfRange(side.ids, cut, side.ids.length);
        int promptLength = side.promptLength - cut;
        if (longest - cut > settings.maxLength()) {
            int response = Math.min(ids.length - promptLength, settings.maxLength() - settings.maxPromptLength());
            ids = Arrays.copyOf(ids, promptLength + response);
        }
        return new Side(ids, promptLength);
    }

    private TokenSequence sequence(Side side) throws RowRejectedException {
        if (side.promptLength == side.ids.length) {
            throw new RowRejectedException("no scored token");
        }
        if (side.promptLength == 0 && settings.boundary() != BoundaryPolicy.NONE) {
            throw new RowRejectedException("no prompt token");
        }
        return new TokenSequence(side.ids, side.promptLength);
    }

    private static int[] joined(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private record Side(int[] ids, int promptLength) {}

    /**
     * Encoded pairs.
     *
     * @param pairs in the data set's order
     * @param rows for each of them, its index in the data set: what it is known by when others leave out other pairs
     * @param rejected pairs that were left out, by reason
     * @param spanned sequences in which a token spans prompt and response, under {@link BoundaryPolicy#JOINT}
     * @param cut pairs that are too long and were cut, where the {@link TruncationPolicy} cuts
     */
    public record Result(List<TokenPair> pairs, List<Integer> rows, RejectedRows rejected, int spanned, int cut) {
        public Result {
            pairs = ImmutableList.copyOf(pairs);
            rows = ImmutableList.copyOf(rows);
        }
    }

    /**
     * Encoded responses.
     *
     * @param responses in the order given
     * @param rejected responses that were left out, by reason
     * @param spanned sequences in which a token spans prompt and response, under {@link BoundaryPolicy#JOINT}
     * @param cut responses that are too long and were cut, where the {@link TruncationPolicy} cuts
     */
    public record Unpaired(List<TokenResponse> responses, RejectedRows rejected, int spanned, int cut) {
        public Unpaired {
            responses = ImmutableList.copyOf(responses);
        }
    }
}
