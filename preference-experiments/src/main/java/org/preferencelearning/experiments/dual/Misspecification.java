package org.preferencelearning.experiments.dual;

/** A condition of Section 3: a class of policies and one of rewards. */
public enum Misspecification {
    /** Condition 1. */
    NONE("none", PolicyClass.ALL, RewardClass.ALL),
    /** Condition 2, with log-linear policies. */
    POLICY("policy", PolicyClass.FINAL_BIAS, RewardClass.ALL),
    /** Condition 2 as the public code makes it. */
    POLICY_FROZEN("policy, frozen", PolicyClass.FROZEN, RewardClass.ALL),
    /** Condition 3. */
    REWARD("reward", PolicyClass.ALL, RewardClass.FIRST_WORD),
    /** Condition 3 with rewards that are linear in what the reference knows. */
    REWARD_HEAD("reward, head only", PolicyClass.ALL, RewardClass.HEAD),
    /** Condition 4 with isomorphic classes. */
    BOTH_ISOMORPHIC("both, isomorphic", PolicyClass.FINAL_BIAS, RewardClass.IMPLICIT),
    /** Condition 4 with others. */
    BOTH("both", PolicyClass.FINAL_BIAS, RewardClass.FIRST_WORD);

    private final String label;
    private final PolicyClass policies;
    private final RewardClass rewards;

    Misspecification(String label, PolicyClass policies, RewardClass rewards) {
        this.label = label;
        this.policies = policies;
        this.rewards = rewards;
    }

    /** Short name for tables and claims. */
    public String label() {
        return label;
    }

    /** What methods choose policies from. */
    public PolicyClass policies() {
        return policies;
    }

    /** What RLHF chooses its reward from. */
    public RewardClass rewards() {
        return rewards;
    }
}
