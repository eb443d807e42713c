package org.preferencelearning.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** What losses say of themselves, by name, in words and where they say nothing. */
class LossPropertiesTest {
    @Test
    void theCatalogueIsWhatNamesGive() {
        List<LossDescription> catalogue = PreferenceLosses.catalogue();
        assertThat(catalogue)
                .extracting(LossDescription::name)
                .hasSize(33)
                .containsExactlyElementsOf(PreferenceLosses.names());
        for (LossDescription line : catalogue) {
            PreferenceLoss loss = PreferenceLosses.named(line.name(), 0.3);
            assertThat(loss.beta()).isEqualTo(0.3);
            assertThat(PreferenceLosses.isNamed(line.name())).isTrue();
            assertThat(line.needsReference()).as(line.name()).isEqualTo(loss.needsReference());
            assertThat(line.needsMargin()).as(line.name()).isEqualTo(loss.needsMargin());
            assertThat(line.batchWise()).as(line.name()).isEqualTo(loss.batchWise());
        }
        assertThat(catalogue.stream().filter(LossDescription::tokenWise))
                .extracting(LossDescription::name)
                .containsExactlyInAnyOrder("ld_sigmoid_0.5", "wpo_aligned_sigmoid");
    }

    @Test
    void familiesTakeOtherSettings() {
        assertThat(PreferenceLosses.isNamed("robust_0.2")).isTrue();
        assertThat(PreferenceLosses.named("robust_0.2", 1).name()).isEqualTo("robust_0.2");
        for (String none : List.of("robst", "sigmoid_0.2", "robust_", "robust_x")) {
            assertThat(PreferenceLosses.isNamed(none)).as(none).isFalse();
            assertThatThrownBy(() -> PreferenceLosses.named(none, 1))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'loss' is " + none);
        }
    }

    @Test
    void everyLossIsWrittenByItsName() {
        assertThat(PreferenceLosses.dpo(0.5)).hasToString("sigmoid(beta=0.5)");
        assertThat(TokenPolicyGradientLosses.grpo(0.2)).hasToString("token_grpo_0.2");
        assertThat(PolicyGradientLosses.reinforce()).hasToString("reinforce");
        assertThat(UnpairedLosses.bco(0.5).toString()).startsWith("bco");
        assertThat(RewardLosses.bradleyTerry().toString())
                .contains(RewardLosses.bradleyTerry().name());
    }

    /** A token counts by its response, by the batch, or by a constant. */
    @Test
    void tokensAreAveragedAsTheLossSays() {
        TokenRolloutLoss ofResponse = TokenPolicyGradientLosses.grpo(0.2);
        assertThat(ofResponse.tokenWeight(4)).isEqualTo(0.25);
        assertThat(ofResponse.responseWeight(4)).isEqualTo(1);
        for (TokenRolloutLoss ofBatch :
                List.of(TokenPolicyGradientLosses.clipped(0.2), TokenPolicyGradientLosses.dapo(0.2, 0.28))) {
            assertThat(ofBatch.tokenWeight(4)).isEqualTo(0.25);
            assertThat(ofBatch.responseWeight(4)).isEqualTo(4);
        }
        TokenRolloutLoss constant = TokenPolicyGradientLosses.drGrpo(0.2, 128);
        assertThat(constant.tokenWeight(4)).isEqualTo(1 / 128.0);
        assertThat(constant.responseWeight(4)).isEqualTo(1);
    }

    /** Of one's own, without a word: a pair alone, by its sums, against the reference and without a margin. */
    @Test
    void whatALossDoesNotSayIsTheUsual() {
        PreferenceLoss own = new PreferenceLoss() {
            @Override
            public String name() {
                return "own";
            }

            @Override
            public double beta() {
                return 1;
            }

            @Override
            public SDVariable perPair(PreferenceBatch batch) {
                return batch.margin();
            }
        };
        assertThat(own.needsReference()).isTrue();
        assertThat(own.needsMargin()).isFalse();
        assertThat(own.batchWise()).isFalse();
        assertThat(own.needsAligned()).isFalse();
        assertThat(own.tailWeight()).isEqualTo(1);
    }
}
