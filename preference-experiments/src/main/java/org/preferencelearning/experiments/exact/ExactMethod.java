package org.preferencelearning.experiments.exact;

import org.preferencelearning.core.finite.ExactFit;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.core.finite.Sampler;

/** A method of Section 3 under exact optimisation. */
public sealed interface ExactMethod {
    /** Short name for tables and claims. */
    String label();

    /** What the method arrives at. */
    ExactFit fit(ExactOptimization problem, double[] start);

    /** Reward MLE over the population, then the best policy of the class under it. */
    record Rlhf() implements ExactMethod {
        @Override
        public String label() {
            return "RLHF";
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            return problem.rlhf();
        }
    }

    /** The policy of the class with the smallest population DPO loss. */
    record Dpo() implements ExactMethod {
        @Override
        public String label() {
            return "DPO";
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            return problem.dpo();
        }
    }

    /**
     * The flow of DPO whose pairs come from a moving sampler.
     *
     * @param sampler where pairs come from
     */
    record OnlineDpo(Sampler sampler) implements ExactMethod {
        @Override
        public String label() {
            return "online DPO (" + sampler.label() + ")";
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            return problem.onlineDpo(sampler, start);
        }
    }

    /** The flow of the exact policy gradient under the fitted reward. */
    record PolicyGradient() implements ExactMethod {
        @Override
        public String label() {
            return "policy gradient";
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            return problem.policyGradient(start);
        }
    }
}
