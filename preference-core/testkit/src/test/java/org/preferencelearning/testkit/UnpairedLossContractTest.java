package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.sigmoid;

import java.util.function.BiFunction;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.UnpairedBatch;
import org.preferencelearning.core.loss.UnpairedLoss;
import org.preferencelearning.core.loss.UnpairedLosses;

/** The contract of unpaired losses, run by JUnit as in anyone's project: wrong losses break laws, the catalogue's pass. */
class UnpairedLossContractTest {
    @Nested
    class Kto extends UnpairedLossContract {
        @Override
        protected UnpairedLoss loss(double beta) {
            return UnpairedLosses.kto(beta, 1, 1);
        }
    }

    @Nested
    class WeightedKto extends UnpairedLossContract {
        @Override
        protected UnpairedLoss loss(double beta) {
            return UnpairedLosses.kto(beta, 1.33, 0.7);
        }
    }

    @Nested
    class ApoZero extends UnpairedLossContract {
        @Override
        protected UnpairedLoss loss(double beta) {
            return UnpairedLosses.apoZero(beta, 1, 1);
        }
    }

    @Nested
    class Bco extends UnpairedLossContract {
        @Override
        protected UnpairedLoss loss(double beta) {
            return UnpairedLosses.bco(beta);
        }
    }

    @Test
    void aRightKtoBreaksNothing() {
        outcome(UnpairedLossContractTest::kto, true, false).breaksExactly();
    }

    @Test
    void aWrongSignIsFound() {
        ContractOutcome outcome = outcome((b, beta) -> kto(b, -beta), true, false);
        outcome.breaksExactly(Law.DESIRABLE_SLOPE, Law.UNDESIRABLE_SLOPE, Law.MISMATCHED);
        outcome.says(Law.DESIRABLE_SLOPE, "desirable=1.0", "expected: below 0");
    }

    @Test
    void aLossThatForgetsWhatIsWantedIsFound() {
        ContractOutcome outcome = outcome((b, beta) -> sigmoid(b.logRatio().mul(-beta)), false, false);
        outcome.breaksExactly(Law.UNDESIRABLE_SLOPE);
    }

    @Test
    void aForgottenReferenceIsFound() {
        ContractOutcome outcome =
                outcome((b, beta) -> sigmoid(b.policy().mul(sign(b)).mul(-beta)), false, false);
        outcome.breaksExactly(Law.DESIRABLE_SLOPE, Law.UNDESIRABLE_SLOPE, Law.INVARIANCE);
    }

    @Test
    void aForgottenBetaIsFound() {
        outcome((b, beta) -> kto(b, 1), true, false).breaksExactly(Law.BETA);
    }

    @Test
    void aLostWeightOfOneKindIsFound() {
        ContractOutcome outcome = outcome((b, beta) -> kto(b, beta).mul(b.desirable()), true, false);
        outcome.breaksExactly(Law.UNDESIRABLE_SLOPE, Law.BETA, Law.MISMATCHED);
    }

    @Test
    void aDivergenceBelowZeroIsFound() {
        ContractOutcome outcome = outcome(
                (b, beta) -> {
                    SDVariable divergence =
                            b.mismatchedPolicy().sub(b.mismatchedReference()).mean();
                    return sigmoid(b.logRatio().sub(divergence).mul(sign(b)).mul(-beta));
                },
                true,
                false);
        outcome.breaksExactly(Law.MISMATCHED);
        outcome.says(Law.MISMATCHED, "with mismatched log-ratios of -0.9", "as with a divergence of 0");
    }

    @Test
    void undeclaredReadsAreFound() {
        outcome(UnpairedLossContractTest::kto, false, false).breaksExactly(Law.MISMATCHED);
        BiFunction<UnpairedBatch, Double, SDVariable> bco = (b, beta) -> logSigmoid(
                        b.logRatio().sub(b.meanLogRatio()).mul(sign(b)).mul(beta))
                .neg();
        outcome(bco, false, true).breaksExactly();
        outcome(bco, false, false).breaksExactly(Law.MEAN);
        outcome(bco, true, true).breaksExactly(Law.MISMATCHED);
    }

    @Test
    void aLossOfOtherResponsesIsFound() {
        ContractOutcome outcome = outcome(
                (b, beta) -> sigmoid(
                        b.logRatio().sub(b.logRatio().mean()).mul(sign(b)).mul(-beta)),
                false,
                false);
        assertThat(outcome.broken()).contains(Law.INDEPENDENCE, Law.GRADIENT);
    }

    @Test
    void anOverflowIsFound() {
        outcome(
                        (b, beta) -> {
                            SDVariable odds = b.policy()
                                    .getSameDiff()
                                    .math()
                                    .exp(b.logRatio().mul(sign(b)).mul(-beta));
                            return odds.getSameDiff().math().log(odds.add(1.0));
                        },
                        false,
                        false)
                .breaksExactly(Law.FINITENESS);
    }

    private static SDVariable kto(UnpairedBatch b, double beta) {
        SDVariable mean = b.mismatchedPolicy().sub(b.mismatchedReference()).mean();
        SDVariable divergence = mean.getSameDiff().nn().relu(mean, 0);
        return sigmoid(b.logRatio().sub(divergence).mul(sign(b)).mul(-beta));
    }

    private static SDVariable sign(UnpairedBatch b) {
        return b.desirable().mul(2.0).sub(1.0);
    }

    private static ContractOutcome outcome(
            BiFunction<UnpairedBatch, Double, SDVariable> expression, boolean mismatched, boolean mean) {
        Subject.expression = expression;
        Subject.mismatched = mismatched;
        Subject.mean = mean;
        return ContractOutcome.of(Subject.class);
    }

    /** A contract test of a loss that the test at hand sets. */
    static class Subject extends UnpairedLossContract {
        private static BiFunction<UnpairedBatch, Double, SDVariable> expression;
        private static boolean mismatched;
        private static boolean mean;

        @Override
        protected UnpairedLoss loss(double beta) {
            return new Described(beta, expression, mismatched, mean);
        }
    }

    private record Described(
            double beta,
            BiFunction<UnpairedBatch, Double, SDVariable> expression,
            boolean needsMismatched,
            boolean needsMeanLogRatio)
            implements UnpairedLoss {
        @Override
        public String name() {
            return "subject";
        }

        @Override
        public SDVariable perResponse(UnpairedBatch batch) {
            return expression.apply(batch, beta);
        }
    }
}
