package org.preferencelearning.core.loss;

import org.junit.jupiter.api.Nested;
import org.preferencelearning.core.testkit.PreferenceLossContract;

/** The whole catalogue against the contract of the test kit. */
class CatalogueContractTest {
    abstract static class Named extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss() {
            String test = getClass().getSimpleName();
            return PreferenceLosses.named(test, 0.1);
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
    class cross_entropy extends Named {}

    @Nested
    class raft extends Named {}

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
        protected PreferenceLoss loss() {
            return PreferenceLosses.multiObjectiveDpo(0.1, 0.5);
        }
    }

    @Nested
    class f_alpha extends Exponential {
        @Override
        protected PreferenceLoss loss() {
            return PreferenceLosses.alphaDivergenceDpo(0.1, 0.5);
        }
    }
}
