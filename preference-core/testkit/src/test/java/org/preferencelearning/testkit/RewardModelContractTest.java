package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LinearReward;
import org.preferencelearning.core.model.RewardModel;

/** The contract, run by JUnit as in anyone's project: wrong models fail it, a right one passes. */
class RewardModelContractTest {
    private static final List<TokenSequence> SEQUENCES = List.of(
            FeatureMap.sequence(0, 0), FeatureMap.sequence(0, 1), FeatureMap.sequence(0, 2), FeatureMap.sequence(0, 1));

    @Test
    void aRightModelPasses() {
        try (LinearReward reward = new LinearReward(FeatureMap.tabular(1, 3), 1, -2, 0.5)) {
            ContractOutcome outcome = outcome(reward);
            assertThat(outcome.failures()).isEmpty();
            assertThat(outcome.passed()).isEqualTo(4);
        }
    }

    @Test
    void aRewardThatIsNotANumberIsFound() {
        fails(
                sequences -> sequences.stream()
                        .mapToDouble(s -> Math.log(s.token(1)))
                        .toArray(),
                "the reward of TokenSequence[1 prompt + 1 response tokens] is -Infinity");
    }

    @Test
    void aRewardTooFewIsFound() {
        fails(
                sequences -> sequences.stream()
                        .mapToDouble(s -> s.token(1))
                        .distinct()
                        .toArray(),
                "number of rewards of 4 sequences");
    }

    @Test
    void aModelThatReadsThePromptAloneIsFound() {
        fails(
                sequences -> sequences.stream().mapToDouble(s -> s.token(0)).toArray(),
                "all 4 sequences have the reward 0.0; is what differs between them read?");
    }

    @Test
    void rewardsCentredOverTheBatchAreFound() {
        fails(
                sequences -> {
                    double mean = sequences.stream()
                            .mapToDouble(s -> s.token(1))
                            .average()
                            .orElse(0);
                    return sequences.stream()
                            .mapToDouble(s -> s.token(1) - mean)
                            .toArray();
                },
                "reward of sequence 0 of 4, TokenSequence[1 prompt + 1 response tokens], alone and in the batch");
    }

    @Test
    void rewardsInAnotherOrderAreFound() {
        fails(
                sequences ->
                        sequences.stream().mapToDouble(s -> s.token(1)).sorted().toArray(),
                "reward of sequence 0 of 4, TokenSequence[1 prompt + 1 response tokens], in the batch and in its"
                        + " reverse");
    }

    @Test
    void dropoutIsFound() {
        int[] calls = {0};
        fails(
                sequences -> {
                    double noise = 1e-9 * calls[0]++;
                    return sequences.stream()
                            .mapToDouble(s -> s.token(1) + noise)
                            .toArray();
                },
                "reward of sequence 0, scored twice");
    }

    private static void fails(RewardModel model, String message) {
        assertThat(outcome(model).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining(message));
    }

    private static ContractOutcome outcome(RewardModel model) {
        Subject.model = model;
        return ContractOutcome.of(Subject.class);
    }

    /** A contract test of a model that the test at hand sets. */
    static class Subject extends RewardModelContract {
        private static RewardModel model;

        @Override
        protected RewardModel rewardModel() {
            return model;
        }

        @Override
        protected List<TokenSequence> sequences() {
            return SEQUENCES;
        }
    }
}
