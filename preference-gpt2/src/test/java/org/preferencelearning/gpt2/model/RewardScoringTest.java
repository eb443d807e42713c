package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class RewardScoringTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 128, 16, 2, 2, 1e-5, 39);

    /** Batches of one are padded otherwise than batches of many; the last true token is what counts. */
    @Test
    void aSequencesRewardDoesNotDependOnItsBatchOrItsEndOfTextTokens() {
        RandomSource random = RandomSource.of(3);
        List<TokenSequence> sequences = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            int[] tokens = new int[1 + random.nextInt(100)];
            // end of text, which is what padding often is, stands anywhere
            Arrays.setAll(tokens, t -> random.nextBernoulli(0.2) ? CONFIG.ends().get(0) : random.nextInt(39));
            sequences.add(new TokenSequence(tokens, 0));
        }
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, random);
                Gpt2RewardModel model = Gpt2RewardModel.from(policy, random, ParameterSelection.none())) {
            double[] together = model.rewards(sequences);
            assertThat(Arrays.stream(together).distinct().count()).isGreaterThan(40);
            for (int i = 0; i < together.length; i++) {
                assertThat(model.rewards(List.of(sequences.get(i)))[0]).isCloseTo(together[i], within(1e-6));
            }
        }
    }
}
