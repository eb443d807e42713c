package org.preferencelearning.testkit;

import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.ResponseLossValues;
import org.preferencelearning.core.loss.RolloutInputs;
import org.preferencelearning.core.loss.RolloutLoss;

/**
 * What every loss of whole sampled responses must satisfy. Extend it and return your loss from {@link #loss}; where it differs on
 * purpose, as one that reads no ratio from {@link Law#CLIP}, state it in {@link #exemptions}, with the reason.
 */
public abstract class RolloutLossContract extends SampledLossContract {
    private @Nullable LossEvaluator evaluator;

    /** For subclasses. */
    protected RolloutLossContract() {}

    /** The loss under test. */
    protected abstract RolloutLoss loss();

    @Override
    final String name() {
        return loss().name();
    }

    @Override
    final ResponseLossValues evaluate(Pairs rows) {
        if (evaluator == null) {
            evaluator = LossEvaluator.of(loss());
        }
        return evaluator.evaluate(new RolloutInputs(
                rows.column(POLICY),
                rows.column(BEHAVIOUR),
                rows.column(ADVANTAGE),
                rows.column(TOKENS),
                rows.column(WEIGHT)));
    }
}
