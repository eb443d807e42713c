package org.preferencelearning.testkit;

import static org.preferencelearning.core.loss.LossMath.logSigmoid;

import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.RewardBatch;
import org.preferencelearning.core.loss.RewardLoss;

/** The contract of reward losses, run by JUnit as in anyone's project: wrong losses break laws. */
class RewardLossContractTest {
    @Test
    void aForgottenNegationIsFound() {
        ContractOutcome outcome = outcome(b -> logSigmoid(b.chosen().sub(b.rejected())));
        outcome.breaksExactly(Law.CHOSEN_SLOPE, Law.REJECTED_SLOPE);
        outcome.says(Law.CHOSEN_SLOPE, "chosen=0.0, rejected=0.0", "the slope by chosen is 0.5", "expected: below 0");
    }

    @Test
    void aSumInPlaceOfADifferenceIsFound() {
        ContractOutcome outcome =
                outcome(b -> logSigmoid(b.chosen().add(b.rejected())).neg());
        outcome.breaksExactly(Law.REJECTED_SLOPE, Law.MIRROR, Law.SHIFT);
        outcome.says(Law.SHIFT, "chosen=0.0, rejected=0.0", "with 3 more of both rewards the value is 0.00247");
    }

    @Test
    void anUndeclaredMarginIsFound() {
        ContractOutcome outcome = outcome(
                b -> logSigmoid(b.chosen().sub(b.rejected()).sub(b.margin())).neg());
        outcome.breaksExactly(Law.MARGIN);
    }

    @Test
    void anOverflowIsFound() {
        ContractOutcome outcome = outcome(b -> {
            SDVariable odds = b.rejected().getSameDiff().math().exp(b.rejected().sub(b.chosen()));
            return odds.getSameDiff().math().log(odds.add(1.0));
        });
        outcome.breaksExactly(Law.FINITENESS);
        outcome.says(Law.FINITENESS, "rejected=10000.0", "the value is Infinity");
    }

    private static ContractOutcome outcome(Function<RewardBatch, SDVariable> expression) {
        Subject.expression = expression;
        return ContractOutcome.of(Subject.class);
    }

    /** A contract test of a loss that the test at hand sets. */
    static class Subject extends RewardLossContract {
        private static Function<RewardBatch, SDVariable> expression;

        @Override
        protected RewardLoss loss() {
            Function<RewardBatch, SDVariable> described = expression;
            return new RewardLoss() {
                @Override
                public String name() {
                    return "subject";
                }

                @Override
                public SDVariable perPair(RewardBatch batch) {
                    return described.apply(batch);
                }
            };
        }
    }
}
