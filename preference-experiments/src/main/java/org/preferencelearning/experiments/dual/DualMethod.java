package org.preferencelearning.experiments.dual;

/** A method of Section 3 on a GPT-2, or a bound that methods are measured against. */
public enum DualMethod {
    /** Two stages: the reward of the largest population likelihood, then the best policy under it, from several starts. */
    RLHF("RLHF", true, true),
    /** The same reward; half the squared margin on pairs of the policy itself, whose gradient is that of the value. */
    POLICY_GRADIENT("policy gradient", true, false),
    /** The same reward; a few responses a prompt are drawn, and each is compared with the mean of the others. */
    REINFORCE("REINFORCE", true, false),
    /** The population loss over pairs of the reference policy. */
    DPO("DPO", false, false),
    /** The same over pairs of the policy itself. */
    ONLINE_DPO("online DPO", false, false),
    /** The same over pairs of PILAF's two policies. */
    PILAF("online DPO (PILAF)", false, false),
    /** The best policy of the class under the true reward, as far as ascents from several starts find it. */
    BEST_IN_CLASS("best in class", false, true),
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

    /** Short name for tables and claims. */
    public String label() {
        return label;
    }

    /** Whether a reward is fitted first. */
    boolean fitsReward() {
        return fitsReward;
    }

    /** Whether it is what a search finds that may end in several places. */
    boolean severalStarts() {
        return severalStarts;
    }

    /** Whether a model is trained. */
    boolean trains() {
        return this != OPTIMUM && this != REFERENCE;
    }
}
