package org.preferencelearning.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.result.GivenStudy.cell;

import org.junit.jupiter.api.Test;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.CellId;

class SlopeTest {
    private static final CellId A = CellId.method("a");

    @Test
    void aPowerLawHasItsExponent() {
        Slope slope = Slope.of(
                GivenStudy.of()
                        .with(
                                cell("a", 10, 1, 3 * Math.pow(10, -0.7)),
                                cell("a", 20, 1, 3 * Math.pow(20, -0.7)),
                                cell("a", 80, 1, 3 * Math.pow(80, -0.7)),
                                cell("b", 80, 1, 1)),
                A,
                "error");
        assertThat(slope.value()).isCloseTo(-0.7, within(1e-12));
        assertThat(slope.halfWidth()).isCloseTo(0, within(1e-6));
    }

    /**
     * Logarithms -1, -1.5, -2.1 at log sizes 1, 2, 3 (natural, by sizes e, e^2, e^3 rounded to 3, 7, 20): by hand, x = log n,
     * slope = Sxy / Sxx, error = sqrt(SSE / (n - 2) / Sxx) times Student's 12.7062 of one degree of freedom.
     */
    @Test
    void itsIntervalIsStudentsOfTheResiduals() {
        double[] x = {Math.log(3), Math.log(7), Math.log(20)};
        double[] y = {-1, -1.5, -2.1};
        double meanX = (x[0] + x[1] + x[2]) / 3;
        double meanY = (y[0] + y[1] + y[2]) / 3;
        double sxx = 0;
        double sxy = 0;
        double syy = 0;
        for (int i = 0; i < 3; i++) {
            sxx += Math.pow(x[i] - meanX, 2);
            sxy += (x[i] - meanX) * (y[i] - meanY);
            syy += Math.pow(y[i] - meanY, 2);
        }
        Slope slope = Slope.of(
                GivenStudy.of()
                        .with(
                                cell("a", 3, 1, Math.exp(y[0])),
                                cell("a", 7, 1, Math.exp(y[1])),
                                cell("a", 20, 1, Math.exp(y[2]))),
                A,
                "error");
        assertThat(slope.value()).isCloseTo(sxy / sxx, within(1e-12));
        assertThat(slope.halfWidth()).isCloseTo(12.706205 * Math.sqrt((syy - sxy * sxy / sxx) / sxx), within(1e-6));
    }

    /** By the normal equations with a column for the intercept, worked out apart; two degrees of freedom. */
    @Test
    void degreesOfFreedomAreCellsLessTwo() {
        Slope slope = Slope.of(
                GivenStudy.of()
                        .with(
                                cell("a", 10, 1, 1),
                                cell("a", 100, 1, 0.2),
                                cell("a", 1000, 1, 0.01),
                                cell("a", 10000, 1, 0.004)),
                A,
                "error");
        assertThat(slope.value()).isCloseTo(-0.8494850021680087, within(1e-12));
        assertThat(slope.halfWidth()).isCloseTo(0.5016394663420695, within(1e-9));
    }

    @Test
    void oneSizeOrTwoCellsAreRefused() {
        assertThatThrownBy(() -> Slope.of(GivenStudy.of().with(cell("a", 10, 1, 1), cell("a", 20, 1, 2)), A, "error"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'slope' is 2 cells; allowed: at least three cells of two sizes");
        assertThatThrownBy(() -> Slope.of(
                        GivenStudy.of().with(cell("a", 10, 1, 1), cell("a", 10, 2, 2), cell("a", 10, 3, 2)),
                        A,
                        "error"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'slope' is 3 cells");
    }
}
