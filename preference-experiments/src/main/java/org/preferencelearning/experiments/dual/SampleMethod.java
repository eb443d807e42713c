package org.preferencelearning.experiments.dual;

/** What learns a reward from labelled pairs. */
public enum SampleMethod {
    /** A GPT-2 with a scalar head, all weights trained. */
    REWARD_MODEL("reward model"),
    /** Only the head on the reference's frozen body: logistic regression on its hidden states. */
    REWARD_HEAD("reward model, head only"),
    /** The same with an l1 penalty, the estimator that is near optimal where the truth is sparse in what it sees. */
    REWARD_HEAD_L1("reward model, sparse head"),
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
