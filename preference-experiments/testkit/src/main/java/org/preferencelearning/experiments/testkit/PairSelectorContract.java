package org.preferencelearning.experiments.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.online.PairSelector;
import org.preferencelearning.experiments.online.PairSelector.Pair;

/**
 * What every selection of pairs must satisfy. Extend it and return your selection; it is asked of 2 to 8 responses whose rewards
 * are of any size, and equal too.
 */
public abstract class PairSelectorContract extends PartContract<PairSelector> {
    private static final int MOST_RESPONSES = 8;
    private static final int OF_EACH = 20;

    /** For subclasses. */
    protected PairSelectorContract() {
        super(PairSelector.class);
    }

    /** The selection under test; a new one, or the same, from call to call. */
    protected abstract PairSelector selector();

    /**
     * Why it selects by the places of responses, as one does that takes the first two; nothing unless overridden. One that does
     * not is refused an exemption.
     */
    protected String readsPlaces() {
        return "";
    }

    @Override
    final PairSelector part() {
        return selector();
    }

    /** A prompt's annotated responses. */
    private record Annotated(double[] rewards, int[] lengths) {
        Pair by(PairSelector selector) {
            return selector.select(rewards.clone(), lengths.clone());
        }

        @Override
        public String toString() {
            return "rewards " + Arrays.toString(rewards) + ", lengths " + Arrays.toString(lengths);
        }
    }

    @Test
    @DisplayName("Two different responses are selected, also where rewards are equal or large")
    void twoDifferentResponsesAreSelected() {
        List<Annotated> all = new ArrayList<>(different());
        for (int n = 2; n <= MOST_RESPONSES; n++) {
            int[] lengths = new int[n];
            Arrays.fill(lengths, 3);
            double[] equal = new double[n];
            all.add(new Annotated(equal, lengths));
            double[] twice = new double[n];
            Arrays.setAll(twice, i -> i / 2);
            all.add(new Annotated(twice, lengths));
            double[] large = new double[n];
            Arrays.setAll(large, i -> i % 2 == 0 ? 1e300 / (i + 1) : -1e300);
            all.add(new Annotated(large, lengths));
            double[] negative = new double[n];
            Arrays.setAll(negative, i -> -1 - i);
            all.add(new Annotated(negative, lengths));
        }
        PairSelector selector = selector();
        for (Annotated one : all) {
            Pair pair = one.by(selector);
            int n = one.rewards().length;
            assertTrue(
                    pair != null
                            && pair.first() >= 0
                            && pair.first() < n
                            && pair.second() >= 0
                            && pair.second() < n
                            && pair.first() != pair.second(),
                    () -> "of " + one + " it selects " + pair + "; two different places from 0 to " + (n - 1)
                            + " are asked for");
        }
    }

    @Test
    @DisplayName("What it is given is not changed")
    void whatItIsGivenIsNotChanged() {
        for (Annotated one : different()) {
            double[] rewards = one.rewards().clone();
            int[] lengths = one.lengths().clone();
            selector().select(rewards, lengths);
            assertArrayEquals(one.rewards(), rewards, "the rewards, after a selection");
            assertArrayEquals(one.lengths(), lengths, "the lengths, after a selection");
        }
    }

    @Test
    @DisplayName("A selection depends on its responses alone, not on those before it")
    void aSelectionDependsOnItsResponsesAlone() {
        PairSelector selector = selector();
        List<Annotated> all = different();
        List<Pair> first = all.stream().map(one -> one.by(selector)).toList();
        for (int i = all.size() - 1; i >= 0; i--) {
            Annotated one = all.get(i);
            assertEquals(first.get(i), one.by(selector), () -> "the selection of " + one + ", again");
        }
    }

    @Test
    @DisplayName("The order of responses does not count")
    void theOrderOfResponsesDoesNotCount() throws Throwable {
        unless(readsPlaces(), () -> {
            RandomSource random = RandomSource.of(7);
            for (Annotated one : different()) {
                int n = one.rewards().length;
                int[] places = random.permutation(n);
                double[] rewards = new double[n];
                int[] lengths = new int[n];
                for (int i = 0; i < n; i++) {
                    rewards[i] = one.rewards()[places[i]];
                    lengths[i] = one.lengths()[places[i]];
                }
                Pair before = one.by(selector());
                Pair after = selector().select(rewards, lengths);
                assertEquals(
                        Set.of(before.first(), before.second()),
                        Set.of(places[after.first()], places[after.second()]),
                        () -> "the responses selected of " + one + ", in order and in order "
                                + Arrays.toString(places));
            }
        });
    }

    @Test
    @ResourceLock(Resources.LOCALE)
    @DisplayName("It selects alike after it was written down, and where the locale is another")
    void itSelectsAlikeElsewhere() {
        for (Annotated one : different()) {
            Pair here = one.by(selector());
            assertEquals(here, one.by(readAgain()), () -> "the selection of " + one + ", after it was written down");
            assertEquals(
                    here,
                    elsewhere(() -> one.by(selector())),
                    () -> "the selection of " + one + ", in a Turkish locale");
        }
    }

    /** Responses all of whose rewards and lengths differ, the same each time. */
    private static List<Annotated> different() {
        RandomSource random = RandomSource.of(1);
        List<Annotated> all = new ArrayList<>();
        for (int n = 2; n <= MOST_RESPONSES; n++) {
            for (int i = 0; i < OF_EACH; i++) {
                double[] rewards = new double[n];
                Arrays.setAll(rewards, y -> 2 * random.nextGaussian());
                int[] lengths = random.permutation(n);
                Arrays.setAll(lengths, y -> 3 + 2 * lengths[y]);
                all.add(new Annotated(rewards, lengths));
            }
        }
        return all;
    }
}
