package org.preferencelearning.testkit;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.ResponseLossValues;
import org.preferencelearning.core.loss.TokenRolloutInputs;
import org.preferencelearning.core.loss.TokenRolloutLoss;

/**
 * What every loss of sampled responses' tokens must satisfy. Extend it, return your loss from {@link #loss} and say how it
 * averages; where it differs on purpose, state it in {@link #exemptions}, with the reason.
 */
public abstract class TokenRolloutLossContract extends SampledLossContract {
    private @Nullable LossEvaluator evaluator;

    /** For subclasses. */
    protected TokenRolloutLossContract() {}

    /** What counts alike in a loss. */
    public enum Average {
        /** Responses: a token counts less the longer its response, as GRPO's. */
        RESPONSES,
        /** Tokens of a batch, whose number divides their sum, as DAPO's. */
        TOKENS,
        /** Tokens, whose sum is divided by a constant, as Dr. GRPO's. */
        CONSTANT
    }

    /** The loss under test. */
    protected abstract TokenRolloutLoss loss();

    /** How it averages. */
    protected abstract Average average();

    @Test
    @DisplayName("Tokens and responses count as declared")
    void tokensAndResponsesCountAsDeclared() {
        check(Law.COUNTS, () -> {
            TokenRolloutLoss loss = loss();
            for (int tokens : new int[] {1, 2, 7, 100}) {
                double ofToken = loss.tokenWeight(tokens);
                double ofResponse = loss.responseWeight(tokens);
                boolean holds =
                        switch (average()) {
                            case RESPONSES -> ofResponse == 1 && equal(ofToken * tokens, 1);
                            case TOKENS -> ofResponse == tokens && equal(ofToken * tokens, 1);
                            case CONSTANT -> ofResponse == 1 && ofToken > 0 && ofToken == loss.tokenWeight(1);
                        };
                require(
                        Law.COUNTS,
                        holds,
                        tokens + " tokens",
                        "a token counts " + ofToken + " and the response " + ofResponse,
                        switch (average()) {
                            case RESPONSES -> 1.0 / tokens + " and 1, as the mean is over responses";
                            case TOKENS -> 1.0 / tokens + " and " + tokens + ", as the mean is over tokens";
                            case CONSTANT -> loss.tokenWeight(1) + ", as for one token, and 1";
                        });
            }
        });
    }

    @Override
    final Set<Law> laws() {
        Set<Law> laws = super.laws();
        laws.add(Law.COUNTS);
        return laws;
    }

    @Override
    final String name() {
        return loss().name();
    }

    @Override
    final ResponseLossValues evaluate(Pairs rows) {
        if (evaluator == null) {
            evaluator = LossEvaluator.of(loss());
        }
        return evaluator.evaluate(new TokenRolloutInputs(
                rows.column(POLICY), rows.column(BEHAVIOUR), rows.column(ADVANTAGE), rows.column(WEIGHT)));
    }
}
