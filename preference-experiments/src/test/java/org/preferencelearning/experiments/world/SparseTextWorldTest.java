package org.preferencelearning.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.tokenizer.WordTokenizer;

class SparseTextWorldTest {
    private static final SparseTextWorld WORLD = SparseTextWorld.standard();

    @Test
    void theRewardIsTheSumOfTheWeightsOfAResponsesWords() {
        assertThat(WORLD.weights()).hasSize(6);
        assertThat(WORLD.weights().values()).containsOnly(1.5, -1.5);
        String plus = WORLD.weights().entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .findFirst()
                .orElseThrow()
                .getKey();
        assertThat(WORLD.reward(" " + plus + " " + plus)).isEqualTo(3);
        assertThat(WORLD.reward("nothing of worth")).isZero();
    }

    @Test
    void labelsAreBradleyTerryDrawsUnderTheTrueReward() {
        PreferenceDataset sample = WORLD.sample(20_000);
        int consistent = 0;
        int decided = 0;
        double expected = 0;
        for (PreferencePair pair : sample.pairs()) {
            double difference = WORLD.reward(pair.chosen()) - WORLD.reward(pair.rejected());
            if (difference != 0) {
                decided++;
                consistent += difference > 0 ? 1 : 0;
                expected += 1 / (1 + Math.exp(-Math.abs(difference)));
            }
        }
        double share = consistent / (double) decided;
        double mean = expected / decided;
        assertThat(share).isCloseTo(mean, within(5 * Math.sqrt(0.25 / decided)));
        double withTies = (expected + 0.5 * (20_000 - decided)) / 20_000;
        assertThat(WORLD.ceiling(sample)).isCloseTo(withTies, within(1e-12));
    }

    @Test
    void aShorterSampleIsThePrefixOfALongerOne() {
        assertThat(WORLD.sample(50).pairs())
                .isEqualTo(WORLD.sample(80).first(50).pairs());
    }

    @Test
    void theVocabularyCoversEveryText() {
        WordTokenizer tokenizer = WordTokenizer.of(WORLD.vocabulary());
        for (PreferencePair pair : WORLD.sample(500).pairs()) {
            int words = pair.chosen().trim().split(" ").length;
            assertThat(words).isBetween(8, 16);
            assertThat(tokenizer.encode(pair.prompt() + pair.chosen())).hasSize(5 + words);
        }
        assertThat(Arrays.stream(tokenizer.encode(String.join(" ", WORLD.vocabulary())))
                        .distinct())
                .hasSize(72);
    }

    @Test
    void settingsOutsideTheirRangeAreRefused() {
        assertThatThrownBy(() -> new SparseTextWorld(60, 61, 1, 1, 2, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("rewarded");
        assertThatThrownBy(() -> new SparseTextWorld(71, 1, 1, 1, 2, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("words");
        assertThatThrownBy(() -> new SparseTextWorld(60, 6, 1, 5, 4, 0))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("maxLength");
    }
}
