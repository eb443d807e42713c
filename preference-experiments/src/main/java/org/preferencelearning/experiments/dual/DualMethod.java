package org.preferencelearning.experiments.dual;

import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.experiments.task.ByName;

/** A method of Section 3 on a GPT-2, or a bound that methods are measured against. */
@JsonSerialize(using = ByName.class)
public enum DualMethod implements DualTokenMethod {
    /** Two stages: the reward of the largest population likelihood, then the best policy under it, from several starts. */
    RLHF("RLHF", true, true) {
        @Override
        public Slope start(Given given) {
            return ascent(given);
        }
    },
    /** The same reward; half the squared margin on pairs of the policy itself, whose gradient is that of the value. */
    POLICY_GRADIENT("policy gradient", true, false) {
        @Override
        public Slope start(Given given) {
            return log -> given.world().squaredMarginGradient(log, given.reward());
        }
    },
    /** The same reward; a few responses a prompt are drawn, and each is compared with the mean of the others. */
    REINFORCE("REINFORCE", true, false) {
        @Override
        public Slope start(Given given) {
            return new LeaveOneOut(given);
        }
    },
    /** The population loss over pairs of the reference policy. */
    DPO("DPO", false, false) {
        @Override
        public Slope start(Given given) {
            return log -> given.world().directGradient(log, Sampler.REFERENCE);
        }
    },
    /** The same over pairs of the policy itself. */
    ONLINE_DPO("online DPO", false, false) {
        @Override
        public Slope start(Given given) {
            return log -> given.world().directGradient(log, Sampler.ON_POLICY);
        }
    },
    /** The same over pairs of PILAF's two policies. */
    PILAF("online DPO (PILAF)", false, false) {
        @Override
        public Slope start(Given given) {
            return log -> given.world().directGradient(log, Sampler.PILAF);
        }
    },
    /**
     * The best policy of the class under the true reward, as far as anything finds it: ascents from several starts, and the
     * study's other arms that choose from the same class.
     */
    BEST_IN_CLASS("best in class", false, true) {
        @Override
        public Slope start(Given given) {
            return ascent(given);
        }
    },
    /** The best of all policies, in closed form. */
    OPTIMUM("optimum", false, false),
    /** The reference policy itself. */
    REFERENCE("reference", false, false);

    private final String label;
    private final boolean fitsReward;
    private final boolean severalStarts;

    DualMethod(String label, boolean fitsReward, boolean severalStarts) {
        this.label = label;
        this.fitsReward = fitsReward;
        this.severalStarts = severalStarts;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean fitsReward() {
        return fitsReward;
    }

    @Override
    public boolean severalStarts() {
        return severalStarts;
    }

    /** Bounds in closed form are not trained. */
    @Override
    public Slope start(Given given) {
        throw new IllegalStateException(this + " is not trained");
    }

    /** Whether a model is trained. */
    boolean trains() {
        return this != OPTIMUM && this != REFERENCE;
    }

    private static Slope ascent(Given given) {
        return log -> Population.scaled(given.world().valueGradient(log, given.reward()), -1);
    }
}
