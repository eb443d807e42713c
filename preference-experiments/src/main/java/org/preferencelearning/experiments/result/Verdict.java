package org.preferencelearning.experiments.result;

/** What a study says of a claim. */
public enum Verdict {
    SUPPORTED,
    CONTRADICTED,
    INCONCLUSIVE
}
