package org.preferencelearning.experiments.dual;

/** What learns a reward from labelled pairs. */
public enum SampleMethod {
    /** A GPT-2 with a scalar head, all weights trained. */
    REWARD_MODEL("reward model"),
    /** One of which the head alone is trained. */
    REWARD_HEAD("reward model, head only"),
    /** A policy, all weights trained, whose reward is the implicit one. */
    DPO("DPO");

    private final String label;

    SampleMethod(String label) {
        this.label = label;
    }

    /** Short name for tables and claims. */
    public String label() {
        return label;
    }
}
