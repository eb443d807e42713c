package org.preferencelearning.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.RewardModel;

/** What every reward model must satisfy. Extend it, and return your model and some sequences that it tells apart. */
public abstract class RewardModelContract {
    /** For subclasses. */
    protected RewardModelContract() {}

    /** The reward model under test; the same from call to call. */
    protected abstract RewardModel rewardModel();

    /** At least three sequences that it can score, of several lengths if it can, and not all of one reward. */
    protected abstract List<TokenSequence> sequences();

    /** Largest difference of a sequence's rewards in two batches, relative to the largest reward; raise it for 16-bit models. */
    protected double tolerance() {
        return 1e-5;
    }

    @Test
    @DisplayName("Each sequence has one finite reward")
    void eachSequenceHasOneFiniteReward() {
        double[] rewards = rewards(sequences());
        for (int i = 0; i < rewards.length; i++) {
            assertTrue(
                    Double.isFinite(rewards[i]), "the reward of " + sequences().get(i) + " is " + rewards[i]);
        }
        assertEquals(0, rewards(List.of()).length, "rewards of no sequence");
    }

    @Test
    @DisplayName("Rewards tell sequences apart")
    void rewardsTellSequencesApart() {
        assertTrue(sequences().size() >= 3, "sequences() must be at least 3");
        double[] rewards = rewards(sequences());
        assertTrue(
                Arrays.stream(rewards).anyMatch(reward -> reward != rewards[0]),
                "all " + rewards.length + " sequences have the reward " + rewards[0]
                        + "; is what differs between them read?");
    }

    @Test
    @DisplayName("A sequence's reward does not depend on its batch")
    void aSequencesRewardDoesNotDependOnItsBatch() {
        List<TokenSequence> sequences = sequences();
        double[] together = rewards(sequences);
        double scale = Arrays.stream(together).map(Math::abs).max().orElse(0);
        List<TokenSequence> backwards = new ArrayList<>(sequences);
        Collections.reverse(backwards);
        double[] reversed = rewards(backwards);
        for (int i = 0; i < together.length; i++) {
            String where = "reward of sequence " + i + " of " + together.length + ", " + sequences.get(i) + ", ";
            assertEquals(
                    rewards(List.of(sequences.get(i)))[0],
                    together[i],
                    tolerance() * scale,
                    where + "alone and in the batch");
            assertEquals(
                    together[i],
                    reversed[together.length - 1 - i],
                    tolerance() * scale,
                    where + "in the batch and in its reverse");
        }
    }

    @Test
    @DisplayName("Scoring changes nothing")
    void scoringChangesNothing() {
        double[] first = rewards(sequences());
        double[] second = rewards(sequences());
        for (int i = 0; i < first.length; i++) {
            assertEquals(first[i], second[i], "reward of sequence " + i + ", scored twice");
        }
    }

    private double[] rewards(List<TokenSequence> sequences) {
        double[] rewards = rewardModel().rewards(sequences);
        assertEquals(sequences.size(), rewards.length, "number of rewards of " + sequences.size() + " sequences");
        return rewards;
    }
}
