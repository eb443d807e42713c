package org.preferencelearning.experiments.dual;

/** Which rewards the first stage of RLHF may choose from. */
public enum RewardClass {
    /** A GPT-2 with a scalar head that reads the whole response, all weights trained. */
    ALL("all rewards"),
    /** The scalar head alone, on the reference's frozen body: linear rewards of its hidden states. */
    HEAD("rewards linear in the reference's states"),
    /** One that reads the first word only: it sees a part of the truth. */
    FIRST_WORD("rewards of the first word"),
    /** The implicit rewards of the policy class, {@code beta log(pi / pi_ref)}: the classes are isomorphic. */
    IMPLICIT("implicit rewards of the policies");

    private final String label;

    RewardClass(String label) {
        this.label = label;
    }

    /** Short name for tables. */
    public String label() {
        return label;
    }
}
