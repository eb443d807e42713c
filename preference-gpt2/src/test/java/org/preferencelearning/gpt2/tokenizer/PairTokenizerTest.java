package org.preferencelearning.gpt2.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;

class PairTokenizerTest {
    private static final WordTokenizer WORDS =
            WordTokenizer.of(List.of("a", "b", "c", "d", "e", "f", "g", "h")); // end of text is 8
    private static final Gpt2Tokenizer GPT2 = Gpt2Tokenizer.create();

    @Test
    void separateJoinsTheIdsOfPromptAndResponse() {
        TokenPair pair =
                encode(BoundaryPolicy.SEPARATE, TruncationPolicy.DROP, EosPolicy.APPEND, 9, 4, "a b", "c d", "e");
        assertThat(pair.chosen().tokens()).containsExactly(0, 1, 2, 3, 8);
        assertThat(pair.chosen().promptLength()).isEqualTo(2);
        assertThat(pair.rejected().tokens()).containsExactly(0, 1, 4, 8);
    }

    @Test
    void commonPrefixDoesNotScoreWhatBothResponsesBeginWith() {
        TokenPair pair = encode(
                BoundaryPolicy.COMMON_PREFIX, TruncationPolicy.DROP, EosPolicy.APPEND, 9, 4, "a b", " c d", " c e");
        assertThat(pair.chosen().promptLength()).isEqualTo(3);
        assertThat(pair.rejected().promptLength()).isEqualTo(3);
        assertThat(pair.chosen().responseLength()).isEqualTo(2);
    }

    @Test
    void noneLeavesTheWholeTextWithoutPrompt() {
        TokenPair pair = encode(BoundaryPolicy.NONE, TruncationPolicy.DROP, EosPolicy.NONE, 9, 4, "a b", " c", " d");
        assertThat(pair.chosen().tokens()).containsExactly(0, 1, 2);
        assertThat(pair.chosen().promptLength()).isZero();
    }

    /** " ASSISTANT: " ends with a token for the space, which a joint encoding merges with the next word. */
    @Test
    void jointCountsTokensThatSpanTheBoundary() {
        PreferenceDataset dataset = dataset(PreferencePair.of("USER: hi ASSISTANT: ", "Yes", "No, never"));
        PairTokenizer.Result joint = PairTokenizer.encode(
                dataset, GPT2, new Tokenization(BoundaryPolicy.JOINT, TruncationPolicy.DROP, EosPolicy.APPEND, 64, 32));
        PairTokenizer.Result separate = PairTokenizer.encode(dataset, GPT2, Tokenization.onlineStudy());
        assertThat(joint.spanned()).isEqualTo(2);
        assertThat(separate.spanned()).isZero();
        assertThat(joint.pairs().get(0).chosen().length())
                .isLessThan(separate.pairs().get(0).chosen().length());
    }

    @Test
    void pairsThatAreCutAreCounted() {
        PairTokenizer.Result result = PairTokenizer.encode(
                dataset(
                        PreferencePair.of("a", "b c", "d e f g"),
                        PreferencePair.of("a", "b c d", "e"),
                        PreferencePair.of("a b c d e f", "g", "h")),
                WORDS,
                new Tokenization(BoundaryPolicy.SEPARATE, TruncationPolicy.KEEP_START, EosPolicy.NONE, 4, 2));
        assertThat(result.pairs()).hasSize(2);
        assertThat(result.cut()).isEqualTo(1);
        assertThat(result.rejected().counts()).containsEntry("no scored token", 1);
    }

    @Test
    void pairsOfWhichASideIsTooLongAreDroppedAndCounted() {
        PairTokenizer.Result result = PairTokenizer.encode(
                dataset(
                        PreferencePair.of("a", "b c", "d e f g"),
                        PreferencePair.of("a", "b", "c"),
                        PreferencePair.of("a", "b c d e", "f")),
                WORDS,
                new Tokenization(BoundaryPolicy.SEPARATE, TruncationPolicy.DROP, EosPolicy.APPEND, 5, 2));
        assertThat(result.pairs()).hasSize(1);
        assertThat(result.rows()).containsExactly(1);
        assertThat(result.rejected().counts()).containsEntry("longer than 5 tokens", 2);
    }

    @Test
    void keepEndCutsThePromptFirstAndTheResponsesOnlyIfTheyAreStillTooLong() {
        // the longer side has 8 tokens; without the first 2 of the prompt it has 6
        TokenPair promptCut = encode(
                BoundaryPolicy.SEPARATE, TruncationPolicy.KEEP_END, EosPolicy.APPEND, 6, 2, "a b c d", "e f g", "h");
        assertThat(promptCut.chosen().tokens()).containsExactly(2, 3, 4, 5, 6, 8);
        assertThat(promptCut.chosen().promptLength()).isEqualTo(2);
        assertThat(promptCut.rejected().tokens()).containsExactly(2, 3, 7, 8);

        TokenPair bothCut = encode(
                BoundaryPolicy.SEPARATE, TruncationPolicy.KEEP_END, EosPolicy.APPEND, 5, 2, "a b c d", "e f g h", "h");
        assertThat(bothCut.chosen().tokens()).containsExactly(2, 3, 4, 5, 6);
        assertThat(bothCut.rejected().tokens()).containsExactly(2, 3, 7, 8);
    }

    @Test
    void keepStartThatLeavesNoResponseRejectsThePair() {
        PairTokenizer.Result result = PairTokenizer.encode(
                dataset(PreferencePair.of("a b c d e", "f g", "h")),
                WORDS,
                new Tokenization(BoundaryPolicy.SEPARATE, TruncationPolicy.KEEP_START, EosPolicy.APPEND, 4, 2));
        assertThat(result.pairs()).isEmpty();
        assertThat(result.rejected().counts()).containsEntry("no scored token", 1);
    }

    @Test
    void aResponseThatBeginsTheOtherIsScoredByItsEndOfTextAlone() {
        TokenPair pair =
                encode(BoundaryPolicy.COMMON_PREFIX, TruncationPolicy.DROP, EosPolicy.APPEND, 9, 4, "a", " b", " b c");
        assertThat(pair.chosen().responseLength()).isEqualTo(1);
        PairTokenizer.Result without = PairTokenizer.encode(
                dataset(PreferencePair.of("a", " b", " b c")),
                WORDS,
                new Tokenization(BoundaryPolicy.COMMON_PREFIX, TruncationPolicy.DROP, EosPolicy.NONE, 9, 4));
        assertThat(without.rejected().counts()).containsEntry("no scored token", 1);
    }

    @Test
    void limitsOutsideTheirRangeAreRefused() {
        assertThatThrownBy(() -> Tokenization.onlineStudy().withMaxLength(1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("maxLength");
        assertThatThrownBy(
                        () -> new Tokenization(BoundaryPolicy.SEPARATE, TruncationPolicy.DROP, EosPolicy.APPEND, 8, 8))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("maxPromptLength");
    }

    @Test
    void aWordOutsideTheVocabularyIsRefused() {
        assertThatThrownBy(() -> WORDS.encode("a zebra"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("zebra");
    }

    private static TokenPair encode(
            BoundaryPolicy boundary,
            TruncationPolicy truncation,
            EosPolicy eos,
            int maxLength,
            int maxPromptLength,
            String prompt,
            String chosen,
            String rejected) {
        PairTokenizer.Result result = PairTokenizer.encode(
                dataset(PreferencePair.of(prompt, chosen, rejected)),
                WORDS,
                new Tokenization(boundary, truncation, eos, maxLength, maxPromptLength));
        assertThat(result.pairs()).hasSize(1);
        return result.pairs().get(0);
    }

    private static PreferenceDataset dataset(PreferencePair... pairs) {
        return new PreferenceDataset("test", List.of(pairs));
    }
}
