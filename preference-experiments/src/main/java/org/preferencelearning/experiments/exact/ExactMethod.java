package org.preferencelearning.experiments.exact;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import org.preferencelearning.core.finite.ExactFit;
import org.preferencelearning.core.finite.ExactOptimization;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.experiments.task.OpenKind;

/**
 * A method of Section 3 under exact optimisation, or one of the bounds that methods are measured against. A user's own is a
 * record, whose class and components are what a study that uses it is written down with.
 */
@OpenKind
@JsonSubTypes({
    @JsonSubTypes.Type(value = ExactMethod.Rlhf.class, name = "rlhf"),
    @JsonSubTypes.Type(value = ExactMethod.Dpo.class, name = "dpo"),
    @JsonSubTypes.Type(value = ExactMethod.OnlineDpo.class, name = "online_dpo"),
    @JsonSubTypes.Type(value = ExactMethod.PolicyGradient.class, name = "policy_gradient"),
    @JsonSubTypes.Type(value = ExactMethod.BestInClass.class, name = "best_in_class"),
    @JsonSubTypes.Type(value = ExactMethod.Optimum.class, name = "optimum")
})
public interface ExactMethod {
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

    /** The best policy of the class under the true reward. */
    record BestInClass() implements ExactMethod {
        /** Its label. */
        public static final String LABEL = "best in class";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            return problem.classOptimum();
        }
    }

    /** The best of all policies under the true reward. */
    record Optimum() implements ExactMethod {
        /** Its label. */
        public static final String LABEL = "optimum";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public ExactFit fit(ExactOptimization problem, double[] start) {
            return problem.optimum();
        }
    }
}
