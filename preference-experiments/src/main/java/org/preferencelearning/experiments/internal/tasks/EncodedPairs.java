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
        PreferenceDataset all = part == ScoreReference.Part.TRAINING ? data.train() : data.validation();
        int first = count == ScoreReference.ALL ? all.size() : count;
        PairTokenizer.Result result = PairTokenizer.encode(all.first(first), data.tokenizer(), tokenization);
        SettingException.require(
                !result.pairs().isEmpty(),
                "maxLength",
                tokenization.maxLength(),
                "enough tokens for one of the " + first + " pairs");
        return new EncodedPairs(result.pairs(), result.rows(), result.rejected());
    }
}
