package org.preferencelearning.testkit;

import static org.preferencelearning.core.loss.LossMath.atLeast;
import static org.preferencelearning.core.loss.LossMath.atMost;

import java.util.Map;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.PolicyGradientLosses;
import org.preferencelearning.core.loss.RolloutLoss;
import org.preferencelearning.core.loss.TokenPolicyGradientLosses;
import org.preferencelearning.core.loss.TokenRolloutBatch;
import org.preferencelearning.core.loss.TokenRolloutLoss;
import org.preferencelearning.testkit.TokenRolloutLossContract.Average;

/** The contracts of losses of sampled responses, run by JUnit as in anyone's project. */
class RolloutLossContractTest {
    @Nested
    class Reinforce extends RolloutLossContract {
        @Override
        protected RolloutLoss loss() {
            return PolicyGradientLosses.reinforce();
        }

        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.CLIP, "it reads no ratio");
        }
    }

    @Nested
    class Clipped extends RolloutLossContract {
        @Override
        protected RolloutLoss loss() {
            return PolicyGradientLosses.clipped(0.2);
        }
    }

    @Nested
    class Grpo extends RolloutLossContract {
        @Override
        protected RolloutLoss loss() {
            return PolicyGradientLosses.grpo(0.2);
        }
    }

    @Nested
    class DrGrpo extends RolloutLossContract {
        @Override
        protected RolloutLoss loss() {
            return PolicyGradientLosses.drGrpo(0.2, 8);
        }
    }

    abstract static class Tokens extends TokenRolloutLossContract {
        private final String name;
        private final Average average;

        Tokens(String name, Average average) {
            this.name = name;
            this.average = average;
        }

        @Override
        protected TokenRolloutLoss loss() {
            return TokenPolicyGradientLosses.named(name);
        }

        @Override
        protected Average average() {
            return average;
        }
    }

    @Nested
    class TokenClipped extends Tokens {
        TokenClipped() {
            super("token_ppo_clip_0.2", Average.TOKENS);
        }
    }

    @Nested
    class TokenGrpo extends Tokens {
        TokenGrpo() {
            super("token_grpo_0.2", Average.RESPONSES);
        }
    }

    @Nested
    class TokenDrGrpo extends Tokens {
        TokenDrGrpo() {
            super("token_dr_grpo_0.2_128", Average.CONSTANT);
        }
    }

    @Nested
    class TokenDapo extends Tokens {
        TokenDapo() {
            super("token_dapo_0.2_0.28", Average.TOKENS);
        }
    }

    @Test
    void aRightLossBreaksNothing() {
        outcome(b -> surrogate(b, true, true), n -> 1.0 / n, n -> 1, Average.RESPONSES)
                .breaksExactly();
    }

    @Test
    void aWrongSignIsFound() {
        ContractOutcome outcome = outcome(b -> surrogate(b, true, true).neg(), n -> 1.0 / n, n -> 1, Average.RESPONSES);
        outcome.breaksExactly(Law.ADVANTAGE, Law.CLIP);
        outcome.says(Law.ADVANTAGE, "advantage=-2.0", "the gradient is -2.0; expected: above 0");
    }

    @Test
    void aDroppedClipIsFound() {
        outcome(b -> surrogate(b, false, true), n -> 1.0 / n, n -> 1, Average.RESPONSES)
                .breaksExactly(Law.CLIP);
        outcome(b -> surrogate(b, true, false), n -> 1.0 / n, n -> 1, Average.RESPONSES)
                .breaksExactly(Law.CLIP);
    }

    /** Clipping the ratio without taking the lesser of both leaves what has gone wrong where it is. */
    @Test
    void aClipOnBothSidesIsFound() {
        ContractOutcome outcome = outcome(
                b -> atLeast(atMost(ratio(b), 1.2), 0.8).mul(b.advantage()).neg(),
                n -> 1.0 / n,
                n -> 1,
                Average.RESPONSES);
        outcome.breaksExactly(Law.CLIP);
        outcome.says(Law.CLIP, "advantage=0.4", "the gradient is ", "expected: below 0");
    }

    @Test
    void aLostAdvantageIsFound() {
        outcome(b -> ratio(b).neg(), n -> 1.0 / n, n -> 1, Average.RESPONSES).breaksExactly(Law.ADVANTAGE, Law.CLIP);
    }

    @Test
    void anOverflowIsFound() {
        outcome(
                        b -> b.policy()
                                .getSameDiff()
                                .math()
                                .exp(b.policy().sub(b.behaviour()))
                                .mul(b.advantage())
                                .neg(),
                        n -> 1.0 / n,
                        n -> 1,
                        Average.RESPONSES)
                .breaksExactly(Law.FINITENESS, Law.CLIP);
    }

    @Test
    void lostWeightsAreFound() {
        outcome(b -> surrogate(b, true, true), n -> 1, n -> 1, Average.RESPONSES)
                .breaksExactly(Law.COUNTS);
        outcome(b -> surrogate(b, true, true), n -> 1.0 / n, n -> 1, Average.TOKENS)
                .breaksExactly(Law.COUNTS);
        outcome(b -> surrogate(b, true, true), n -> 1.0 / n, n -> 1, Average.CONSTANT)
                .breaksExactly(Law.COUNTS);
        outcome(b -> surrogate(b, true, true), n -> 0.5, n -> n, Average.CONSTANT)
                .breaksExactly(Law.COUNTS);
    }

    private static SDVariable ratio(TokenRolloutBatch b) {
        return b.policy().getSameDiff().math().exp(atMost(b.policy().sub(b.behaviour()), 20));
    }

    private static SDVariable surrogate(TokenRolloutBatch b, boolean above, boolean below) {
        SDVariable ratio = ratio(b);
        SDVariable gain = b.advantage().getSameDiff().nn().relu(b.advantage(), 0);
        return gain.mul(above ? atMost(ratio, 1.2) : ratio)
                .add(b.advantage().sub(gain).mul(below ? atLeast(ratio, 0.8) : ratio))
                .neg();
    }

    private static ContractOutcome outcome(
            Function<TokenRolloutBatch, SDVariable> expression,
            IntToDoubleFunction ofToken,
            IntToDoubleFunction ofResponse,
            Average average) {
        Subject.loss = new Described(expression, ofToken, ofResponse);
        Subject.average = average;
        return ContractOutcome.of(Subject.class);
    }

    /** A contract test of a loss that the test at hand sets. */
    static class Subject extends TokenRolloutLossContract {
        private static TokenRolloutLoss loss;
        private static Average average;

        @Override
        protected TokenRolloutLoss loss() {
            return loss;
        }

        @Override
        protected Average average() {
            return average;
        }
    }

    private record Described(
            Function<TokenRolloutBatch, SDVariable> expression,
            IntToDoubleFunction ofToken,
            IntToDoubleFunction ofResponse)
            implements TokenRolloutLoss {
        @Override
        public String name() {
            return "subject";
        }

        @Override
        public SDVariable perToken(TokenRolloutBatch batch) {
            return expression.apply(batch);
        }

        @Override
        public double tokenWeight(int tokens) {
            return ofToken.applyAsDouble(tokens);
        }

        @Override
        public double responseWeight(int tokens) {
            return ofResponse.applyAsDouble(tokens);
        }
    }
}
