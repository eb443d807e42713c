package org.preferencelearning.experiments.dual;

import org.preferencelearning.gpt2.model.ParameterGroup;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** Which of a GPT-2's policies a method may choose from: those that differ from the reference in some parameters only. */
public enum PolicyClass {
    /** All weights are trained. */
    ALL("all weights", ParameterSelection.all(), 1),
    /**
     * The bias of the last normalisation alone: logits move linearly in features that do not move, the token embeddings, so
     * each token's policy is log-linear, {@code pi(a | x) ~ pi_ref(a | x) exp(w_a . t)} and
     * {@code pi(b | x, a) ~ pi_ref(b | x, a) exp(w_b . t)}: a word is raised or lowered wherever it stands. The paper's class is
     * log-linear in whole responses; of responses of one token the two are the same.
     */
    FINAL_BIAS("final bias", ParameterSelection.only(ParameterGroup.named("ln_f.bias")), 100),
    /** All but the token embeddings, with the head that is tied to them, and the first block: as the public code freezes. */
    FROZEN(
            "embeddings and first block frozen",
            ParameterSelection.frozen(ParameterGroup.embeddings(), ParameterGroup.blocks(0, 1)),
            1);

    private final String label;
    private final ParameterSelection trained;
    private final double rateFactor;

    PolicyClass(String label, ParameterSelection trained, double rateFactor) {
        this.label = label;
        this.trained = trained;
        this.rateFactor = rateFactor;
    }

    /** Short name for tables. */
    public String label() {
        return label;
    }

    ParameterSelection trained() {
        return trained;
    }

    /** What a learning rate is multiplied by: a bias of which the embeddings see little must move far. */
    double rateFactor() {
        return rateFactor;
    }
}
