package org.preferencelearning.core.loss;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.preferencelearning.core.testkit.Law;
import org.preferencelearning.core.testkit.PreferenceLossContract;
import org.preferencelearning.core.testkit.RewardLossContract;

/** The whole catalogue against the contracts of the test kit, with the laws that a loss does not obey. */
class CatalogueContractTest {
    private static final String CHOSEN_ALONE = "it is a function of the chosen response alone";

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

    // The class names are the catalogue's; LossCatalogueTest checks that none is missing.
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
                    "it is the policy's own likelihood: there is no reference that a constant could cancel with",
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
            return PreferenceLosses.alphaDivergenceDpo(beta, 0.5);
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
