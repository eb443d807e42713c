package org.preferencelearning.experiments.online;

import java.util.Locale;

/** What is mis-specified, as in Section 3. */
public enum Condition {
    NONE(false, false),
    /** The policy class: some parameters are frozen. */
    POLICY(true, false),
    /** The reward class: arms that learn from a reward model get the weak one. */
    REWARD(false, true),
    BOTH(true, true);

    private final boolean misspecifiedPolicy;
    private final boolean misspecifiedReward;

    Condition(boolean misspecifiedPolicy, boolean misspecifiedReward) {
        this.misspecifiedPolicy = misspecifiedPolicy;
        this.misspecifiedReward = misspecifiedReward;
    }

    /** Short name for tables and claims. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether policies train the study's restricted selection of parameters. */
    public boolean misspecifiedPolicy() {
        return misspecifiedPolicy;
    }

    /** Whether the weak reward annotates for arms that learn from a reward model. */
    public boolean misspecifiedReward() {
        return misspecifiedReward;
    }
}
