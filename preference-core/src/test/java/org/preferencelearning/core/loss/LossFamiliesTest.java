package org.preferencelearning.core.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;

/** What is particular to families of losses. */
class LossFamiliesTest {
    private static final double[] ZERO = new double[3];
    private static final double[] ONES = {1, 1, 1};

    /** Of log-ratios, with references 0 and one token a response. */
    private static PreferenceInputs ratios(double[] chosen, double[] rejected, double[] weight) {
        double[] zero = new double[chosen.length];
        double[] ones = zero.clone();
        Arrays.fill(ones, 1);
        return new PreferenceInputs(chosen, rejected, zero, zero, ones, ones, zero, weight);
    }

    private static LossValues evaluate(PreferenceLoss loss, double[] chosen, double[] rejected) {
        return LossEvaluator.of(loss).evaluate(ratios(chosen, rejected, ONES));
    }

    @Test
    void withoutNoiseConservativeAndRobustAreDpo() {
        double[] chosen = {-1, -30, -2};
        double[] rejected = {-4, -3, -2};
        double[] dpo = evaluate(PreferenceLosses.dpo(0.7), chosen, rejected).perPair();
        for (PreferenceLoss loss :
                new PreferenceLoss[] {NoisyLabelLosses.conservativeDpo(0.7, 0), NoisyLabelLosses.robustDpo(0.7, 0)}) {
            assertThat(evaluate(loss, chosen, rejected).perPair()).containsExactly(dpo, within(1e-14));
        }
    }

    /** What robust DPO is for: wrong labels of the assumed share leave its mean at the loss of the right labels. */
    @Test
    void theMeanOfRobustDpoOverWrongLabelsIsDpoOfTheRightOnes() {
        double noise = 0.3;
        PreferenceLoss robust = NoisyLabelLosses.robustDpo(0.5, noise);
        double[] one = {-1, -7, -2};
        double[] other = {-4, -3, -2.5};
        double[] right = evaluate(robust, one, other).perPair();
        double[] wrong = evaluate(robust, other, one).perPair();
        double[] dpo = evaluate(PreferenceLosses.dpo(0.5), one, other).perPair();
        for (int i = 0; i < 3; i++) {
            assertThat((1 - noise) * right[i] + noise * wrong[i]).isCloseTo(dpo[i], within(1e-14));
        }
    }

    @Test
    void aotComparesTheRanksOfABatch() {
        double[] chosen = {-1, -5, -3};
        double[] rejected = {-9, -7, -8};
        // sorted: -5, -3, -1 against -9, -8, -7
        assertThat(evaluate(BatchLosses.aotUnpaired(1, 0), chosen, rejected).perPair())
                .containsExactly(new double[] {softplus(1 - 7), softplus(5 - 9), softplus(3 - 8)}, within(1e-14));
        // the pairs' own differences, 8, 2 and 5, against the reference's, which are 0
        assertThat(evaluate(BatchLosses.aot(1, 0), chosen, rejected).perPair())
                .containsExactly(new double[] {softplus(-8), softplus(-2), softplus(-5)}, within(1e-14));
    }

    @Test
    void equalValuesKeepTheirOrder() {
        LossValues values = LossEvaluator.of(BatchLosses.aotUnpaired(1, 0))
                .evaluate(ratios(new double[] {-2, -2, -1}, new double[] {-4, -6, -4}, new double[] {1, 10, 100}));
        // -2 of the first pair against -6, -2 of the second against the first -4, -1 against the other -4
        double[] slopes = {s(-4), s(-2), s(-3)};
        assertThat(values.chosenGradient())
                .containsExactly(new double[] {-slopes[0], -10 * slopes[1], -100 * slopes[2]}, within(1e-13));
        assertThat(values.rejectedGradient())
                .containsExactly(new double[] {10 * slopes[1], slopes[0], 100 * slopes[2]}, within(1e-13));
    }

    @Test
    void orpoIsTheOddsRatio() {
        // probabilities .8 of chosen and .5 of rejected: odds 4 and 1
        LossValues values = evaluate(
                LengthNormalisedLosses.orpo(0.1),
                new double[] {Math.log(0.8), Math.log(0.8), Math.log(0.8)},
                new double[] {Math.log(0.5), Math.log(0.5), Math.log(0.5)});
        assertThat(values.perPair()[0]).isCloseTo(-Math.log(0.8) - 0.1 * Math.log(4 / 5.0), within(1e-15));
    }

    @Test
    void orpoOfACertainResponseIsFinite() {
        LossValues values = evaluate(LengthNormalisedLosses.orpo(0.1), ZERO, new double[] {-1, 0, -1e4});
        assertThat(Arrays.stream(values.perPair())).allMatch(Double::isFinite);
        // of the likelihood, and where both are certain, of the odds' numerators
        assertThat(values.chosenGradient()).containsExactly(new double[] {-1, -1.05, -1}, within(1e-12));
    }

    @Test
    void discoPopRisesAroundZero() {
        LossValues values = evaluate(
                PreferenceLosses.discoPop(1, PreferenceLosses.USUAL_DISCOPOP_TAU),
                new double[] {-0.09, 0.09, 0},
                new double[] {0, 0, 0});
        assertThat(values.chosenGradient()).satisfies(slopes -> assertThat(slopes[2])
                .isCloseTo((1 - Math.log(2)) / 4 / 0.05 - 0.75, within(1e-12)));
    }

    @Test
    void aSumIsOfItsLossesWithTheirNames() {
        double[] chosen = {-1, -30, -2};
        double[] rejected = {-4, -3, -2};
        PreferenceLoss sum = CombinedLosses.weightedSum(
                ImmutableMap.of(PreferenceLosses.dpo(0.5), 0.8, PreferenceLosses.squaredMargin(0.5), 0.25));
        assertThat(sum.name()).isEqualTo("0.8*sigmoid+0.25*regression");
        assertThat(sum.needsMargin()).isTrue();
        assertThat(sum.needsReference()).isTrue();
        assertThat(sum.beta()).isEqualTo(0.5);
        double[] dpo = evaluate(PreferenceLosses.dpo(0.5), chosen, rejected).perPair();
        double[] squared =
                evaluate(PreferenceLosses.squaredMargin(0.5), chosen, rejected).perPair();
        double[] values = evaluate(sum, chosen, rejected).perPair();
        for (int i = 0; i < 3; i++) {
            assertThat(values[i]).isCloseTo(0.8 * dpo[i] + 0.25 * squared[i], within(1e-13));
        }
    }

    @Test
    void aSumReadsWhatItsLossesRead() {
        PreferenceLoss free = CombinedLosses.withLikelihood(LengthNormalisedLosses.simpo(2, 1), 0.5);
        assertThat(free.name()).isEqualTo("1.0*simpo_1.0+0.5*sft");
        assertThat(free.needsReference()).isFalse();
        assertThat(free.needsMargin()).isFalse();
        assertThat(free.batchWise()).isFalse();
        assertThat(CombinedLosses.withLikelihood(BatchLosses.aot(1, 0), 0.5).batchWise())
                .isTrue();
    }

    @Test
    void aSumOfNothingOrOfTwoBetasIsRefused() {
        assertThatThrownBy(() -> CombinedLosses.weightedSum(Map.of()))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'losses' is empty; allowed: at least one loss");
        assertThatThrownBy(() -> CombinedLosses.weightedSum(
                        ImmutableMap.of(PreferenceLosses.dpo(0.5), 1.0, PreferenceLosses.hinge(2), 1.0)))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'beta' is 2.0 of 'hinge'; allowed: one for all, 0.5");
    }

    @Test
    void aRankHasNoPolicyWeight() {
        assertThatThrownBy(() -> CombinedLosses.weightedByPolicy(BatchLosses.aot(0.1, 0)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is aot");
    }

    @Test
    void aPolicyWeightIsAtMostOne() {
        // sums above 0 do not occur; rounding may make one
        LossValues values = evaluate(
                CombinedLosses.weightedByPolicy(PreferenceLosses.dpo(1)),
                new double[] {1, 0, -1},
                new double[] {1, 0, -2});
        assertThat(values.perPair())
                .containsExactly(new double[] {Math.log(2), Math.log(2), Math.exp(-3) * softplus(-1)}, within(1e-14));
    }

    @Test
    void ktoNeedsAWeight() {
        assertThatThrownBy(() -> UnpairedLosses.kto(0.1, 0, 0))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'weights' is both 0; allowed: one above 0");
        assertThat(UnpairedLosses.kto(0.1, 1, 1).name()).isEqualTo("kto");
        assertThat(UnpairedLosses.kto(0.1, 1.5, 1).name()).isEqualTo("kto_1.5_1.0");
    }

    @Test
    void reinforceIsTheLogProbabilityTimesTheAdvantage() {
        ResponseLossValues values = LossEvaluator.of(PolicyGradientLosses.reinforce())
                .evaluate(new RolloutInputs(
                        new double[] {-3, -5},
                        new double[] {-1, -9},
                        new double[] {2, -0.5},
                        new double[] {7, 8},
                        new double[] {1, 3}));
        assertThat(values.perResponse()).containsExactly(6, -2.5);
        assertThat(values.gradient()).containsExactly(-2, 1.5);
    }

    @Test
    void ratiosOfAnySizeAreFinite() {
        double[] policy = {-1, -1e4, -1, -1e4};
        double[] behaviour = {-1e4, -1, -1e4, -1};
        for (RolloutLoss loss : new RolloutLoss[] {
            PolicyGradientLosses.clipped(0.2), PolicyGradientLosses.grpo(0.2), PolicyGradientLosses.drGrpo(0.2, 4)
        }) {
            ResponseLossValues values = LossEvaluator.of(loss)
                    .evaluate(new RolloutInputs(
                            policy, behaviour, new double[] {1, 1, -1, -1}, new double[] {1, 1, 1, 1}, new double[] {
                                1, 1, 1, 1
                            }));
            assertThat(Arrays.stream(values.perResponse())).as(loss.name()).allMatch(Double::isFinite);
            // nothing is left to gain in a ratio beyond what is clipped, nor to lose in one that counts as e^20
            assertThat(values.gradient()).as(loss.name()).containsExactly(new double[4], within(0.0));
        }
    }

    @Test
    void advantagesNeedSiblingsAndRewards() {
        assertThatThrownBy(() -> Advantages.leaveOneOut(new double[] {1, 2, 3}, new int[] {4, 4, 5}))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'responses of prompt 5' is 1; allowed: at least 2");
        assertThatThrownBy(() -> Advantages.centred(new double[] {1, Double.NaN}, new int[] {4, 4}))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'reward' is NaN");
        assertThatThrownBy(() -> Advantages.centred(new double[] {1, 2}, new int[] {4}))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'prompts' is 1 entries; allowed: 2, one per reward");
        assertThat(Advantages.lessDivergence(new double[] {1, 2}, new double[] {-3, -4}, new double[] {-5, -4}, 0.1))
                .containsExactly(0.8, 2);
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    private static double s(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
