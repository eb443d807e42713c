package org.preferencelearning.experiments.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.experiments.study.PairSource;
import org.preferencelearning.gpt2.tokenizer.WordTokenizer;

/** What every source of preference pairs must satisfy. Extend it, and return your source and how many pairs it gives. */
public abstract class PairSourceContract extends PartContract<PairSource> {
    /** For subclasses. */
    protected PairSourceContract() {
        super(PairSource.class);
    }

    /** The source under test; a new one, or the same, from call to call. */
    protected abstract PairSource source();

    /** How many pairs it is to give: none are lost, and none are made twice, in silence. */
    protected abstract int size();

    /**
     * Why some pairs are there more than once; nothing unless overridden. Such a pair can be trained on and held out at once, so
     * that what is measured on it is memory.
     */
    protected String repeats() {
        return "";
    }

    @Override
    final PairSource part() {
        return source();
    }

    @Test
    @DisplayName("It has a label, always the same")
    void itHasALabel() {
        assertFalse(source().label().isBlank(), "label() is blank");
        assertEquals(source().label(), source().label(), "label(), twice");
    }

    @Test
    @DisplayName("It gives as many pairs as it should")
    void itGivesAsManyPairsAsItShould() {
        assertTrue(size() >= 1, "size() must be at least 1");
        assertEquals(size(), source().pairs().size(), "number of pairs");
    }

    @Test
    @DisplayName("Pairs are the same in the same order each time")
    void pairsAreTheSameEachTime() {
        PairSource source = source();
        List<PreferencePair> first = List.copyOf(source.pairs());
        try {
            source.pairs().clear();
        } catch (UnsupportedOperationException e) {
            // a list that cannot be changed
        }
        requireSame(first, source.pairs(), "the same source, asked again after what it gave was changed");
        requireSame(first, source().pairs(), "another that is made alike");
    }

    @Test
    @ResourceLock(Resources.LOCALE)
    @DisplayName("Pairs are the same after it was written down, and where the locale is another")
    void pairsAreTheSameElsewhere() {
        List<PreferencePair> here = source().pairs();
        requireSame(here, readAgain().pairs(), "after it was written down");
        requireSame(here, elsewhere(() -> source().pairs()), "in a Turkish locale");
        assertEquals(source().words(), readAgain().words(), "words, after it was written down");
    }

    private static void requireSame(List<PreferencePair> expected, List<PreferencePair> pairs, String when) {
        assertEquals(expected.size(), pairs.size(), () -> "number of pairs, " + when);
        for (int i = 0; i < expected.size(); i++) {
            int place = i;
            assertEquals(expected.get(i), pairs.get(i), () -> "pair " + place + ", " + when);
        }
    }

    @Test
    @DisplayName("The two responses of a pair differ")
    void theTwoResponsesOfAPairDiffer() {
        List<PreferencePair> pairs = source().pairs();
        for (int i = 0; i < pairs.size(); i++) {
            int place = i;
            assertNotEquals(
                    pairs.get(i).chosen(), pairs.get(i).rejected(), () -> "chosen and rejected of pair " + place);
        }
    }

    @Test
    @DisplayName("No pair is there twice, nor with its responses exchanged")
    void noPairIsThereTwice() throws Throwable {
        unless(repeats(), () -> {
            Map<List<Object>, Integer> seen = new HashMap<>();
            List<PreferencePair> pairs = source().pairs();
            for (int i = 0; i < pairs.size(); i++) {
                PreferencePair pair = pairs.get(i);
                Integer before =
                        seen.put(List.of(pair.prompt(), Set.copyOf(List.of(pair.chosen(), pair.rejected()))), i);
                assertTrue(
                        before == null,
                        "pairs " + before + " and " + i + " compare the same two responses to the same prompt: "
                                + pair);
            }
        });
    }

    @Test
    @DisplayName("Texts are made of the words that it names, and of characters that can be written")
    void textsAreMadeOfItsWords() {
        List<String> words = source().words();
        assertEquals(words.size(), new HashSet<>(words).size(), "words() has a word twice");
        for (String word : words) {
            assertTrue(!word.isEmpty() && word.indexOf(' ') < 0, () -> "'" + word + "' of words() is no word");
        }
        List<PreferencePair> pairs = source().pairs();
        for (int i = 0; i < pairs.size(); i++) {
            for (String text : List.of(
                    pairs.get(i).prompt(), pairs.get(i).chosen(), pairs.get(i).rejected())) {
                String what = "'" + text + "' of pair " + i;
                assertTrue(
                        StandardCharsets.UTF_8.newEncoder().canEncode(text),
                        () -> what + " holds half of a character, which no file keeps");
                if (!words.isEmpty()) {
                    requireWords(WordTokenizer.of(words), text, what);
                }
            }
        }
    }

    private static void requireWords(WordTokenizer tokenizer, String text, String what) {
        try {
            tokenizer.encode(text);
        } catch (PreferenceException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }
}
