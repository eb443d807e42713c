package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.CombinedLosses;
import org.preferencelearning.core.loss.DivergenceLosses;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.core.loss.RewardLosses;

/** The whole catalogue against the contracts of the test kit, with the laws that a loss does not obey. */
class CatalogueContractTest {
    /** Families whose setting in the catalogue is 0.5. */
    private static final Set<String> HALVES = Set.of("f_alpha", "modpo", "ld_sigmoid");

    private static final String CHOSEN_ALONE = "it is a function of the chosen response alone";
    private static final String NO_REFERENCE = "there is no reference that a constant could cancel with";
    private static final String LIKELIHOOD = "the chosen response's likelihood is a term of its own";
    private static final String ANCHORED = "each response has a likelihood of its own to go to";
    private static final String SORTED = "it compares the sorted values of the batch";

    abstract static class Named extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss(double beta) {
            String test = getClass().getSimpleName();
            return PreferenceLosses.named(test, beta);
        }
    }

    /** Losses of exp(-log-ratio): a log-ratio below -700 is beyond double precision. */
    abstract static class Exponential extends Named {
        @Override
        protected double largestLogRatio() {
            return 500;
        }
    }

    /** The class names are the catalogue's, but for what no name of a class can hold. */
    @Test
    void theContractCoversTheCatalogue() {
        assertThat(Arrays.stream(CatalogueContractTest.class.getDeclaredClasses())
                        .map(Class::getSimpleName)
                        .map(name -> HALVES.contains(name) ? name + "_0.5" : name))
                .containsAll(PreferenceLosses.names());
    }

    @Nested
    class sigmoid extends Named {}

    @Nested
    class rev_kl extends Named {}

    @Nested
    class regression extends Named {}

    @Nested
    class hinge extends Named {}

    @Nested
    class ipo extends Named {}

    @Nested
    class cross_entropy extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(
                    Law.REJECTED_SLOPE, CHOSEN_ALONE, Law.REJECTED_REFERENCE, CHOSEN_ALONE, Law.MIRROR, CHOSEN_ALONE);
        }
    }

    @Nested
    class raft extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(
                    Law.REJECTED_SLOPE,
                    CHOSEN_ALONE,
                    Law.MIRROR,
                    CHOSEN_ALONE,
                    Law.INVARIANCE,
                    NO_REFERENCE,
                    Law.BETA,
                    "beta only scales the rewards that are reported");
        }
    }

    @Nested
    class tv extends Named {}

    @Nested
    class kl extends Named {}

    @Nested
    class hellinger extends Named {}

    @Nested
    class f_forward_kl extends Exponential {}

    @Nested
    class f_jsd extends Named {}

    @Nested
    class margin extends Named {}

    @Nested
    class modpo extends Named {
        @Override
        protected PreferenceLoss loss(double beta) {
            return PreferenceLosses.multiObjectiveDpo(beta, 0.5);
        }
    }

    @Nested
    class f_alpha extends Exponential {
        @Override
        protected PreferenceLoss loss(double beta) {
            return DivergenceLosses.alphaDivergenceDpo(beta, 0.5);
        }
    }

    @Nested
    class ipo_norm extends Named {}

    @Nested
    class sigmoid_norm extends Named {}

    @Nested
    class sft extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(
                    Law.REJECTED_SLOPE,
                    CHOSEN_ALONE,
                    Law.MIRROR,
                    CHOSEN_ALONE,
                    Law.INVARIANCE,
                    NO_REFERENCE,
                    Law.BETA,
                    "beta only scales the rewards that are reported");
        }
    }

    @Nested
    class simpo extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.INVARIANCE, NO_REFERENCE);
        }
    }

    @Nested
    class orpo extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.INVARIANCE, NO_REFERENCE, Law.MIRROR, LIKELIHOOD);
        }
    }

    @Nested
    class cdpo extends Named {}

    @Nested
    class robust extends Named {}

    @Nested
    class exo_pair extends Named {}

    @Nested
    class nca_pair extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.MIRROR, ANCHORED);
        }
    }

    @Nested
    class bco_pair extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.MIRROR, ANCHORED);
        }
    }

    @Nested
    class sppo_hard extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.MIRROR, ANCHORED);
        }
    }

    @Nested
    class apo_zero extends Named {}

    @Nested
    class apo_down extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            String reason = "it lowers the likelihood of the chosen response too, on purpose";
            return Map.of(
                    Law.CHOSEN_SLOPE,
                    reason,
                    Law.CHOSEN_REFERENCE,
                    reason,
                    Law.MIRROR,
                    reason,
                    Law.BETA,
                    "where policy and reference agree, it has no slope by the chosen response, whatever beta is");
        }
    }

    @Nested
    class discopop extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            String reason = "it was found by search, and rises with the margin around 0";
            return Map.of(
                    Law.CHOSEN_SLOPE,
                    reason,
                    Law.REJECTED_SLOPE,
                    reason,
                    Law.CHOSEN_REFERENCE,
                    reason,
                    Law.REJECTED_REFERENCE,
                    reason);
        }
    }

    @Nested
    class aot extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.INDEPENDENCE, SORTED);
        }
    }

    @Nested
    class aot_unpaired extends Named {
        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(
                    Law.INDEPENDENCE,
                    SORTED,
                    Law.GRADIENT,
                    "the loss of a rank is told with its chosen response, and its rejected response is another pair's",
                    Law.BETA,
                    "the law's chosen responses have the log-ratios of its rejected ones: sorted, all differences are 0");
        }
    }

    @Nested
    class PolicyWeighted extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss(double beta) {
            return CombinedLosses.weightedByPolicy(PreferenceLosses.dpo(beta));
        }

        @Override
        protected Map<Law, String> exemptions() {
            String reason = "the weight is a constant to the gradient and not to the value";
            return Map.of(
                    Law.GRADIENT,
                    reason,
                    Law.CHOSEN_SLOPE,
                    reason,
                    Law.INVARIANCE,
                    "the weight has no reference",
                    Law.TOKEN_COUNTS,
                    "the weight is of both responses' lengths, the loss of none");
        }
    }

    @Nested
    class ld_sigmoid extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss(double beta) {
            return PreferenceLosses.named("ld_sigmoid_0.5", beta);
        }
    }

    @Nested
    class wpo_aligned_sigmoid extends Named {}

    @Nested
    class WithLikelihood extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss(double beta) {
            return CombinedLosses.withLikelihood(PreferenceLosses.dpo(beta), 0.5);
        }

        @Override
        protected Map<Law, String> exemptions() {
            return Map.of(Law.INVARIANCE, LIKELIHOOD, Law.MIRROR, LIKELIHOOD);
        }
    }

    @Nested
    class Sum extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss(double beta) {
            return CombinedLosses.weightedSum(
                    Map.of(PreferenceLosses.dpo(beta), 0.8, PreferenceLosses.squaredMargin(beta), 0.1));
        }
    }

    @Nested
    class BradleyTerry extends RewardLossContract {
        @Override
        protected RewardLoss loss() {
            return RewardLosses.bradleyTerry();
        }
    }

    @Nested
    class BradleyTerryWithMargin extends RewardLossContract {
        @Override
        protected RewardLoss loss() {
            return RewardLosses.bradleyTerryWithMargin();
        }
    }

    @Nested
    class Centred extends RewardLossContract {
        @Override
        protected RewardLoss loss() {
            return RewardLosses.centred(RewardLosses.bradleyTerry(), 0.01);
        }

        @Override
        protected Map<Law, String> exemptions() {
            String reason = "the centring term draws both rewards to 0, wherever the other is";
            return Map.of(Law.SHIFT, reason, Law.MIRROR, reason);
        }
    }
}
