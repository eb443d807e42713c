package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class DropoutTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(20, 16, 16, 2, 2, 1e-5, 19);
    private static final double[] UPSTREAM = {0.7, -1.3};

    @Test
    void theShareDroppedIsTheProbabilityAndTheMeanStaysOne() {
        int n = 200_001;
        try (INDArray mask = Nd4j.create(DataType.FLOAT, n)) {
            new Dropout(0.1, RandomSource.of(1)).draw(mask);
            float[] values = mask.toFloatVector();
            long dropped = 0;
            double sum = 0;
            for (float value : values) {
                assertThat(value == 0 || value == (float) (1 / 0.9)).isTrue();
                dropped += value == 0 ? 1 : 0;
                sum += value;
            }
            // four standard deviations of a binomial
            double deviation = Math.sqrt(0.1 * 0.9 / n);
            assertThat(dropped / (double) n).isCloseTo(0.1, within(4 * deviation));
            assertThat(sum / n).isCloseTo(1, within(4 * deviation / 0.9));
        }
    }

    @Test
    void rewardsAreNotAffectedAndPassesAre() {
        try (Gpt2RewardModel model = model()) {
            double[] plain = model.rewards(sequences());
            assertThat(model.forward(sequences()).values()).containsExactly(plain, within(1e-5));
            model.dropout(0.3, RandomSource.of(2));
            assertThat(model.rewards(sequences())).containsExactly(plain);
            double[] one = model.forward(sequences()).values();
            double[] two = model.forward(sequences()).values();
            assertThat(one[0]).isNotCloseTo(plain[0], within(1e-4));
            assertThat(two[0]).isNotCloseTo(one[0], within(1e-4));
            model.dropout(0.3, RandomSource.of(2));
            assertThat(model.forward(sequences()).values()).containsExactly(one);
            model.dropout(0, RandomSource.of(2));
            assertThat(model.forward(sequences()).values()).containsExactly(plain, within(1e-5));
        }
    }

    @Test
    void theGradientIsThatOfThePassWithItsMasks() {
        try (Gpt2RewardModel model = model()) {
            model.dropout(0.2, RandomSource.of(3));
            model.forward(sequences()).backward(UPSTREAM);
            RandomSource random = RandomSource.of(4);
            for (Parameter parameter : model.parameters().all()) {
                double[] gradient =
                        parameter.gradient().reshape(parameter.length()).toDoubleVector();
                // along a random direction, as single entries are lost in float32's rounding
                double[] direction = new double[gradient.length];
                Arrays.setAll(direction, i -> random.nextGaussian());
                double analytic = 0;
                for (int i = 0; i < direction.length; i++) {
                    analytic += direction[i] * gradient[i];
                }
                double step = 2e-3;
                double numeric =
                        (objective(model, parameter, direction, step) - objective(model, parameter, direction, -step))
                                / (2 * step);
                assertThat(analytic)
                        .as(parameter.name())
                        .isCloseTo(numeric, within(5e-3 * Math.max(1, Math.abs(numeric))));
            }
        }
    }

    private static double objective(Gpt2RewardModel model, Parameter parameter, double[] direction, double step) {
        try (INDArray kept = parameter.value().dup();
                INDArray shift =
                        Nd4j.createFromArray(direction).castTo(DataType.FLOAT).muli(step)) {
            parameter.value().addi(shift.reshape(parameter.shape()));
            model.dropout(0.2, RandomSource.of(3));
            ForwardPass pass = model.forward(sequences());
            // asked for again: on a device what is changed after the pass would else not be seen
            parameter.value().assign(kept);
            return pass.values()[0] * UPSTREAM[0] + pass.values()[1] * UPSTREAM[1];
        }
    }

    @Test
    void aProbabilityOfOneIsRefused() {
        try (Gpt2RewardModel model = model()) {
            assertThatThrownBy(() -> model.dropout(1, RandomSource.of(1)))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("dropout");
        }
    }

    private static Gpt2RewardModel model() {
        try (Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(11))) {
            Gpt2RewardModel model = Gpt2RewardModel.from(policy, RandomSource.of(12));
            // weights of the usual size hide what is far from the head
            model.parameters().all().stream()
                    .filter(parameter -> parameter.name().endsWith("weight"))
                    .filter(parameter -> !parameter.name().contains("ln_"))
                    .forEach(parameter -> parameter.value().muli(8));
            return model;
        }
    }

    private static List<TokenSequence> sequences() {
        return List.of(
                new TokenSequence(new int[] {3, 7, 1, 9, 12, 4, 19}, 3),
                new TokenSequence(new int[] {5, 5, 8, 2, 17}, 2));
    }
}
