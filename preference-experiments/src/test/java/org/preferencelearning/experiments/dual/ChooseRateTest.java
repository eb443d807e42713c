package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ChooseRateTest {
    @Test
    void ofRatesThatAreAsGoodTheSmallestIsTaken() {
        assertThat(ChooseRate.choose(Map.of(0.001, 1.8557, 0.003, 1.8559, 0.01, 1.8560)))
                .isEqualTo(0.001);
        assertThat(ChooseRate.choose(Map.of(0.001, 1.8540, 0.003, 1.8555, 0.01, 1.8560)))
                .isEqualTo(0.003);
    }

    @Test
    void aRateThatIsBetterIsTakenWhereverItStands() {
        assertThat(ChooseRate.choose(Map.of(0.001, 0.5, 0.003, 1.2, 0.01, 1.8))).isEqualTo(0.01);
        assertThat(ChooseRate.choose(Map.of(0.001, 1.8, 0.003, 1.2, 0.01, 0.5))).isEqualTo(0.001);
        assertThat(ChooseRate.choose(Map.of(0.003, -1.0))).isEqualTo(0.003);
    }
}
