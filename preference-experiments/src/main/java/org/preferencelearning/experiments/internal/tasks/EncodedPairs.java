package org.preferencelearning.experiments.internal.tasks;

import java.util.List;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * Pairs as tokens.
 *
 * @param pairs those that fit
 * @param rows for each of them, its index in the part: the same pair has the same one whatever else is left out
 * @param rejected those left out, by reason
 */
public record EncodedPairs(List<TokenPair> pairs, List<Integer> rows, RejectedRows rejected) {
    /**
     * The first {@code count} pairs of a part, or {@link ScoreReference#ALL}, of which those that fit.
     *
     * @throws SettingException if none of them fits
     */
    public static EncodedPairs of(StudyData data, ScoreReference.Part part, int count, Tokenization tokenization) {
        int first = count(data, part, count);
        PairTokenizer.Result result = encode(data, part, 0, first, tokenization);
        requireAny(result.pairs(), first, tokenization);
        return new EncodedPairs(result.pairs(), result.rows(), result.rejected());
    }

    /** How many rows the first {@code count} of a part, or {@link ScoreReference#ALL}, are. */
    static int count(StudyData data, ScoreReference.Part part, int count) {
        return count == ScoreReference.ALL ? rows(data, part).size() : count;
    }

    /** Some rows of a part, of which those that fit. */
    static PairTokenizer.Result encode(
            StudyData data, ScoreReference.Part part, int from, int to, Tokenization tokenization) {
        PreferenceDataset first = rows(data, part).first(to);
        PreferenceDataset some =
                new PreferenceDataset(first.name(), first.pairs().subList(from, to));
        return PairTokenizer.encode(some, data.tokenizer(), tokenization);
    }

    /** Throws unless there is one of so many pairs that fits. */
    static void requireAny(List<?> fitting, int pairs, Tokenization tokenization) {
        SettingException.require(
                !fitting.isEmpty(),
                "maxLength",
                tokenization.maxLength(),
                "enough tokens for one of the " + pairs + " pairs");
    }

    private static PreferenceDataset rows(StudyData data, ScoreReference.Part part) {
        return part == ScoreReference.Part.TRAINING ? data.train() : data.validation();
    }
}
