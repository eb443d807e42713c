package org.preferencelearning.experiments.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.CombinedLosses;
import org.preferencelearning.core.loss.NoisyLabelLosses;
import org.preferencelearning.core.loss.PreferenceLosses;

class CatalogueLossTest {
    static Iterable<String> names() {
        return PreferenceLosses.names();
    }

    /** A loss that a factory makes is written down by its name, and means the same. */
    @ParameterizedTest
    @MethodSource("names")
    void everyNameStandsForALossThatCanBeWritten(String name) {
        CatalogueLoss loss = new CatalogueLoss(name, 0.3);
        assertThat(dpo().loss(PreferenceLosses.named(name, 0.3)).loss()).isEqualTo(loss);
        assertThat(loss.needsReference())
                .isEqualTo(PreferenceLosses.named(name, 0.3).needsReference());
        assertThat(loss.needsMargin())
                .isEqualTo(PreferenceLosses.named(name, 0.3).needsMargin());
        assertThat(loss.batchWise()).isEqualTo(PreferenceLosses.named(name, 0.3).batchWise());
        assertThat(loss.tailWeight())
                .isEqualTo(PreferenceLosses.named(name, 0.3).tailWeight());
        assertThat(loss.needsAligned())
                .isEqualTo(PreferenceLosses.named(name, 0.3).needsAligned());
    }

    @Test
    void aSettingIsPartOfTheName() {
        CatalogueLoss robust = new CatalogueLoss("robust_0.2", 0.1);
        assertThat(dpo().loss(NoisyLabelLosses.robustDpo(0.1, 0.2)).loss()).isEqualTo(robust);
        assertThat(new CatalogueLoss("robust_0.10", 0.1)).isEqualTo(new CatalogueLoss("robust", 0.1));
        assertThat(new CatalogueLoss("exo_pair_1.0E-4", 0.1).name()).isEqualTo("exo_pair_1.0E-4");
        assertThat(new CatalogueLoss("aot_unpaired_0.2", 0.1).name()).isEqualTo("aot_unpaired_0.2");
        assertThatThrownBy(() -> new CatalogueLoss("robust_0.7", 0.1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'noise' is 0.7");
        assertThatThrownBy(() -> new CatalogueLoss("sigmoid_2", 0.1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is sigmoid_2")
                .hasMessageContaining("robust_0.2");
    }

    @Test
    void aSumOfLossesIsForARecordOfOnesOwn() {
        assertThatThrownBy(() -> dpo().loss(CombinedLosses.weightedSum(
                        Map.of(PreferenceLosses.dpo(0.1), 1.0, PreferenceLosses.raft(0.1), 0.2))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is")
                .hasMessageContaining("a record whose components can be written");
    }

    @Test
    void rewardModelsHaveMarginAndCentring() {
        assertThat(rewardModel().loss(new BradleyTerry(true, 0.01)).label())
                .isEqualTo("reward model bradley_terry_margin_centred");
        assertThat(new BradleyTerry(true, 0).needsMargin()).isTrue();
        assertThatThrownBy(() -> new BradleyTerry(false, -1)).hasMessageContaining("'centring' is -1.0");
    }
}
