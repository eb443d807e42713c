package org.preferencelearning.experiments.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.online.PairSelection;
import org.preferencelearning.experiments.online.PairSelector;
import org.preferencelearning.experiments.online.PublicSelection;
import org.preferencelearning.testkit.ContractOutcome;

/** The contract, run by JUnit as in anyone's project: wrong selections fail it, right ones pass. */
class PairSelectorContractTest {
    @Nested
    class MaxMin extends PairSelectorContract {
        @Override
        protected PairSelector selector() {
            return new PublicSelection(PairSelection.MAX_MIN, 0);
        }
    }

    @Nested
    class MaxMinWithPenalty extends PairSelectorContract {
        @Override
        protected PairSelector selector() {
            return new PublicSelection(PairSelection.MAX_MIN_P, 0.1);
        }
    }

    /** Places of the largest and the smallest value; of equal ones the first, and never one twice. */
    private static PairSelector.Pair ends(double[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = values[i] > values[largest] ? i : largest;
        }
        int smallest = largest == 0 ? 1 : 0;
        for (int i = 0; i < values.length; i++) {
            smallest = i != largest && values[i] < values[smallest] ? i : smallest;
        }
        return new PairSelector.Pair(largest, smallest);
    }

    record Right(double penalty) implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return ends(IntStream.range(0, rewards.length)
                    .mapToDouble(i -> rewards[i] - penalty * lengths[i])
                    .toArray());
        }
    }

    @Test
    void aRightSelectionPasses() {
        ContractOutcome outcome = outcome(new Right(0.1));
        assertThat(outcome.failures()).isEmpty();
        assertThat(outcome.passed()).isEqualTo(6);
    }

    record SameTwice() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            double most = Arrays.stream(rewards).max().orElseThrow();
            double least = Arrays.stream(rewards).min().orElseThrow();
            int first = 0;
            int second = 0;
            for (int i = 0; i < rewards.length; i++) {
                first = rewards[i] == most ? i : first;
                second = rewards[i] == least ? i : second;
            }
            return new Pair(first, second);
        }
    }

    @Test
    void oneResponseAgainstItselfIsFound() {
        fails(
                new SameTwice(),
                "of rewards [0.0, 0.0], lengths [3, 3] it selects Pair[first=1, second=1]; two different places from"
                        + " 0 to 1 are asked for");
    }

    record CountedFromOne() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            Pair right = ends(rewards);
            return new Pair(right.first() + 1, right.second() + 1);
        }
    }

    @Test
    void placesThatAreNoneAreFound() {
        fails(new CountedFromOne(), "two different places from 0 to 1 are asked for");
    }

    record Nothing() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return rewards[0] == rewards[1] ? null : ends(rewards);
        }
    }

    @Test
    void noSelectionIsFound() {
        fails(new Nothing(), "it selects null");
    }

    record Sorting() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            Pair right = ends(rewards);
            Arrays.sort(rewards);
            return right;
        }
    }

    @Test
    void aChangeOfTheRewardsIsFound() {
        fails(new Sorting(), "the rewards, after a selection");
    }

    record Shortening() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            lengths[0]--;
            return ends(rewards);
        }
    }

    @Test
    void aChangeOfTheLengthsIsFound() {
        fails(new Shortening(), "the lengths, after a selection");
    }

    record Remembering() implements PairSelector {
        private static int calls;

        @Override
        public Pair select(double[] rewards, int[] lengths) {
            int first = calls++ % rewards.length;
            return new Pair(first, (first + 1) % rewards.length);
        }
    }

    @Test
    void oneThatRemembersIsFound() {
        fails(new Remembering(), "the selection of rewards [", ", again");
    }

    record FirstTwo() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return new Pair(0, 1);
        }
    }

    @Test
    void oneThatReadsPlacesIsFoundUnlessItSaysSo() {
        fails(new FirstTwo(), "the responses selected of rewards [", "in order and in order [");
        Subject.readsPlaces = "as the public code's";
        ContractOutcome outcome = outcome(new FirstTwo());
        assertThat(outcome.failures()).isEmpty();
        assertThat(outcome.exempted()).containsExactly("The order of responses does not count");
    }

    @Test
    void anExemptionWithoutNeedOrReasonIsRefused() {
        Subject.readsPlaces = "for no reason";
        assertThat(outcome(new Right(0)).failures()).singleElement().satisfies(failure -> assertThat(failure)
                .hasMessage("it is exempted, 'for no reason', from what it obeys"));
        Subject.readsPlaces = " ";
        assertThat(outcome(new FirstTwo()).failures()).singleElement().satisfies(failure -> assertThat(failure)
                .hasMessageContaining("an exemption needs a reason"));
    }

    record ByLocale() implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return ends(Arrays.stream(rewards)
                    .map(reward ->
                            String.format(Locale.getDefault(), "%.3f", reward).contains(",") ? -reward : reward)
                    .toArray());
        }
    }

    @Test
    void oneThatReadsTheLocaleIsFound() {
        fails(new ByLocale(), ", in a Turkish locale");
    }

    /** None is like another. */
    record Unequal(double penalty) implements PairSelector {
        @Override
        public Pair select(double[] rewards, int[] lengths) {
            return ends(rewards);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    @Test
    void whatIsNotWrittenDownIsFound() {
        fails(new Unequal(1), "a record whose components can be written as JSON and read again: it comes back as");
        fails((rewards, lengths) -> ends(rewards), "a record, so that studies with it can be written down");
    }

    private static void fails(PairSelector selector, String... parts) {
        assertThat(outcome(selector).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContainingAll(parts));
    }

    private static ContractOutcome outcome(PairSelector selector) {
        Subject.selector = selector;
        try {
            return ContractOutcome.of(Subject.class);
        } finally {
            Subject.readsPlaces = "";
        }
    }

    /** A contract test of a selection that the test at hand sets. */
    static class Subject extends PairSelectorContract {
        private static PairSelector selector;
        private static String readsPlaces = "";

        @Override
        protected PairSelector selector() {
            return selector;
        }

        @Override
        protected String readsPlaces() {
            return readsPlaces;
        }
    }
}
