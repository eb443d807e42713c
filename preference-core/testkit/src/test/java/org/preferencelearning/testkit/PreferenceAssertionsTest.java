package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.testkit.PreferenceAssertions.assertThatDataset;
import static org.preferencelearning.testkit.PreferenceAssertions.assertThatLoss;
import static org.preferencelearning.testkit.PreferenceAssertions.assertThatTensor;

import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.NoisyLabelLosses;
import org.preferencelearning.core.loss.PreferenceInputs;
import org.preferencelearning.core.loss.PreferenceLosses;

/** What the assertions accept, and what they say of what they do not. */
class PreferenceAssertionsTest {
    private static final PreferenceInputs START = new PreferenceInputs(
            new double[] {-7, -4},
            new double[] {-9, -4},
            new double[] {-7, -4},
            new double[] {-9, -4},
            new double[] {3, 1},
            new double[] {4, 1},
            new double[2],
            new double[] {1, 1});

    @Test
    void aLossHasItsValuesAndSlopes() {
        double log2 = Math.log(2);
        assertThatLoss(PreferenceLosses.dpo(0.1))
                .hasValues(START, 1e-12, log2, log2)
                .hasSlopes(START, 1e-12, new double[] {-0.05, -0.05}, new double[] {0.05, 0.05})
                .isLike(NoisyLabelLosses.conservativeDpo(0.1, 0), START, 1e-12);
        fails(
                () -> assertThatLoss(PreferenceLosses.dpo(0.1)).hasValues(START, 1e-12, log2, 0.5),
                "value of loss 'sigmoid' at pair 1 (policyChosen=-4.0, policyRejected=-4.0, referenceChosen=-4.0,"
                        + " referenceRejected=-4.0, chosenTokens=1.0, rejectedTokens=1.0, margin=0.0, weight=1.0) is"
                        + " 0.6931471805599453; expected: 0.5 within 1.0E-12");
        fails(
                () -> assertThatLoss(PreferenceLosses.dpo(0.1)).hasValues(START, 1e-12, log2),
                "value of loss 'sigmoid': 1 are expected of 2 pairs");
        fails(
                () -> assertThatLoss(PreferenceLosses.dpo(0.1)).isLike(PreferenceLosses.dpo(0.2), START, 1e-12),
                "slope by policyChosen of loss 'sigmoid' at pair 0 (policyChosen=-7.0");
        fails(
                () -> assertThatLoss(PreferenceLosses.dpo(0.1))
                        .hasSlopes(START, 1e-12, new double[] {-0.05, -0.05}, new double[] {0.05, -0.05}),
                "slope by policyRejected of loss 'sigmoid' at pair 1 (");
    }

    /**
     * All of the catalogue but four: apo_down lowers the chosen response too, discopop rises around 0, and two have next to no
     * slope left to rank responses that are both unlikely: apo_zero, and wpo_aligned, whose weights are their probabilities.
     */
    @ParameterizedTest
    @MethodSource("learners")
    void lossesOfTheCatalogueLearnAFiniteWorld(String name) {
        assertThatLoss(PreferenceLosses.named(name, 0.5)).learns(FiniteWorld.of(0.3, 2, -1));
    }

    static List<String> learners() {
        return PreferenceLosses.names().stream()
                .filter(name -> !Set.of("apo_down", "apo_zero", "discopop", "wpo_aligned_sigmoid")
                        .contains(name))
                .toList();
    }

    @Test
    void aLossOfTheWrongSignLearnsNoWorld() {
        fails(
                () -> assertThatLoss(new Negated(PreferenceLosses.dpo(0.5))).learns(FiniteWorld.of(0.3, 2, -1)),
                "loss 'negated' does not learn the world of rewards [0.3, 2.0, -1.0]: response 1 of reward 2.0 has"
                        + " probability ");
    }

    @Test
    void aWorldWithoutOrderIsRefused() {
        assertThatThrownBy(() -> FiniteWorld.of(1, 2, 1))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting 'rewards' is [1.0, 2.0, 1.0]; allowed: finite numbers, none twice");
        assertThatThrownBy(() -> FiniteWorld.of(1)).isInstanceOf(SettingException.class);
    }

    @Test
    void aTensorIsOfItsShapeAndEntries() {
        INDArray found = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}});
        INDArray expected = Nd4j.createFromArray(new double[][] {{1, 2, 3}, {4, 5.5, 6.001}});
        assertThatTensor(found).hasShape(2, 3).isFinite().isCloseTo(expected, 0.1, 0);
        assertThatTensor(found.transpose()).isCloseTo(expected.transpose().dup(), 0, 0.5);
        fails(
                () -> assertThatTensor(found).isCloseTo(expected, 0, 1e-6),
                "2 of 6 entries differ by more than 1.0E-6 + 0.0 * |expected|, most of all entry [1, 1]: it is 5.0;"
                        + " expected: 5.5");
        fails(() -> assertThatTensor(found).hasShape(3, 2), "the shape is [2, 3]; expected: [3, 2]");
        fails(
                () -> assertThatTensor(found).isCloseTo(expected.transpose(), 1, 1),
                "the shape is [2, 3]; expected: [3, 2]");
        INDArray broken = Nd4j.createFromArray(new double[][] {{1, 2, 3}, {4, 5, Double.NaN}});
        fails(() -> assertThatTensor(broken).isFinite(), "entry [1, 2] is NaN; expected: a finite number");
        fails(() -> assertThatTensor(broken).isCloseTo(broken, 1, 1), "most of all entry [1, 2]: it is NaN");
    }

    @Test
    void aDatasetHoldsItsPairs() {
        PreferencePair one = PreferencePair.of("a", "b", "c");
        PreferencePair two = PreferencePair.of("a", "d", "c").withMargin(2);
        PreferenceDataset dataset = new PreferenceDataset("mine", List.of(one, two));
        assertThatDataset(dataset)
                .hasSize(2)
                .hasPairs(one, two)
                .isDisjointFrom(new PreferenceDataset("other", List.of(PreferencePair.of("a", "c", "b"))));
        fails(() -> assertThatDataset(dataset).hasSize(3), "data set 'mine' holds 2 pairs; expected: 3");
        fails(() -> assertThatDataset(dataset).hasPairs(one), "data set 'mine' holds 2 pairs; expected: 1");
        fails(
                () -> assertThatDataset(dataset).hasPairs(one, two.withMargin(1)),
                "margin of pair 1 of data set 'mine' is <OptionalDouble[2.0]>; expected: <OptionalDouble[1.0]>");
        fails(
                () -> assertThatDataset(dataset).hasPairs(two, one),
                "chosen of pair 0 of data set 'mine' is <b>; expected: <d>");
        fails(
                () -> assertThatDataset(dataset)
                        .isDisjointFrom(new PreferenceDataset("other", List.of(two.withMargin(9)))),
                "data sets 'mine' and 'other' share pair 1 of the first: [a, d, c]");
    }

    private static void fails(ThrowingCallable assertion, String message) {
        assertThatThrownBy(assertion).isInstanceOf(AssertionError.class).hasMessageContaining(message);
    }
}
