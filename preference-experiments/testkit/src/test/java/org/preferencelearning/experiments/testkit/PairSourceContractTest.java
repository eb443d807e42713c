package org.preferencelearning.experiments.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.experiments.study.GivenPairs;
import org.preferencelearning.experiments.study.PairSource;
import org.preferencelearning.testkit.ContractOutcome;

/** The contract, run by JUnit as in anyone's project: wrong sources fail it, right ones pass. */
class PairSourceContractTest {
    private static final int SIZE = 6;
    private static final List<String> WORDS = List.of("which", "zero", "one", "two", "three", "four", "five", "six");

    private static PreferencePair pair(int i) {
        return PreferencePair.of("which", " " + WORDS.get(i + 2), " " + WORDS.get(i + 1));
    }

    private static List<PreferencePair> right(int count) {
        return IntStream.range(0, count).mapToObj(i -> pair(i)).toList();
    }

    @Nested
    class Given extends PairSourceContract {
        @Override
        protected PairSource source() {
            return new GivenPairs("given", right(3), List.of());
        }

        @Override
        protected int size() {
            return 3;
        }
    }

    /** A record whose pairs the test at hand sets. */
    record Larger(int count) implements PairSource {
        @Override
        public String label() {
            return "larger";
        }

        @Override
        public List<PreferencePair> pairs() {
            return Subject.given.pairs(count);
        }

        @Override
        public List<String> words() {
            return Subject.words;
        }
    }

    /** How a source makes its pairs. */
    private interface Making {
        List<PreferencePair> pairs(int count);
    }

    @Test
    void aRightSourcePasses() {
        ContractOutcome outcome = outcome(PairSourceContractTest::right, WORDS);
        assertThat(outcome.failures()).isEmpty();
        assertThat(outcome.passed()).isEqualTo(8);
    }

    @Test
    void aPairTooFewIsFound() {
        fails(count -> right(count - 1), "number of pairs ==> expected: <6> but was: <5>");
    }

    @Test
    void anotherOrderEachTimeIsFound() {
        int[] calls = {0};
        fails(
                count -> {
                    List<PreferencePair> turned = new ArrayList<>(right(count));
                    java.util.Collections.rotate(turned, calls[0]++);
                    return turned;
                },
                "pair 0, the same source, asked again after what it gave was changed");
    }

    @Test
    void aListThatChangesTheSourceIsFound() {
        List<PreferencePair> kept = new ArrayList<>(right(SIZE));
        fails(count -> kept, "number of pairs, the same source, asked again after what it gave was changed");
    }

    @Test
    void aSourceThatReadsTheLocaleIsFound() {
        fails(
                count -> right(count).stream()
                        .map(pair -> PreferencePair.of(
                                pair.prompt().toUpperCase(Locale.getDefault()), pair.chosen(), pair.rejected()))
                        .toList(),
                "pair 0, in a Turkish locale");
    }

    @Test
    void equalResponsesAreFound() {
        fails(
                count -> replaced(right(count), PreferencePair.of("which", " one", " one")),
                "chosen and rejected of pair 5");
    }

    @Test
    void aPairThatIsThereTwiceIsFoundUnlessItSaysSo() {
        PreferencePair exchanged = PreferencePair.of("which", " zero", " one");
        fails(
                count -> replaced(right(count), exchanged),
                "pairs 0 and 5 compare the same two responses to the same prompt");
        fails(count -> replaced(right(count), pair(2)), "pairs 2 and 5 compare");
        Subject.repeats = "three annotators";
        assertThat(outcome(count -> replaced(right(count), exchanged), WORDS).failures())
                .isEmpty();
        Subject.repeats = "three annotators";
        assertThat(outcome(PairSourceContractTest::right, WORDS).failures())
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure).hasMessage("it is exempted, 'three annotators', from what it obeys"));
    }

    private static List<PreferencePair> replaced(List<PreferencePair> pairs, PreferencePair last) {
        List<PreferencePair> changed = new ArrayList<>(pairs);
        changed.set(changed.size() - 1, last);
        return changed;
    }

    @Test
    void aWordThatIsNotNamedIsFound() {
        fails(count -> replaced(right(count), PreferencePair.of("which", " seven", " one")), "' seven' of pair 5: ");
    }

    @Test
    void wordsThatAreNoneAreFound() {
        assertThat(outcome(PairSourceContractTest::right, List.of("which one", "zero"))
                        .failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining("'which one' of words() is no word"));
        assertThat(outcome(PairSourceContractTest::right, List.of("which", "which"))
                        .failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining("words() has a word twice"));
    }

    @Test
    void halfOfACharacterIsFound() {
        Making cut = count -> replaced(right(count), PreferencePair.of("which", " one\ud83d", " two"));
        assertThat(outcome(cut, List.of()).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining("of pair 5 holds half of a character"));
    }

    /** What is read is a source of fewer pairs. */
    record Forgetful(int count) implements PairSource {
        private static int made;

        Forgetful {
            count = made++ == 0 ? count : count - 1;
        }

        @Override
        public String label() {
            return "forgetful";
        }

        @Override
        public List<PreferencePair> pairs() {
            return right(count);
        }
    }

    @Test
    void aSourceThatIsReadAsAnotherIsFound() {
        Subject.source = new Forgetful(SIZE);
        try {
            assertThat(ContractOutcome.of(Subject.class).failures())
                    .anySatisfy(
                            failure -> assertThat(failure).hasMessageContaining("it comes back as Forgetful[count=5]"))
                    .anySatisfy(failure ->
                            assertThat(failure).hasMessageContaining("number of pairs, after it was written down"));
        } finally {
            Subject.source = new Larger(SIZE);
        }
    }

    private static void fails(Making given, String message) {
        assertThat(outcome(given, WORDS).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining(message));
    }

    private static ContractOutcome outcome(Making given, List<String> words) {
        Subject.given = given;
        Subject.words = words;
        try {
            return ContractOutcome.of(Subject.class);
        } finally {
            Subject.repeats = "";
        }
    }

    /** A contract test of a source that the test at hand sets. */
    static class Subject extends PairSourceContract {
        private static Making given = PairSourceContractTest::right;
        private static List<String> words = WORDS;
        private static PairSource source = new Larger(SIZE);
        private static String repeats = "";

        @Override
        protected PairSource source() {
            return source;
        }

        @Override
        protected int size() {
            return SIZE;
        }

        @Override
        protected String repeats() {
            return repeats;
        }
    }
}
