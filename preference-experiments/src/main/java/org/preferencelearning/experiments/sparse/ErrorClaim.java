package org.preferencelearning.experiments.sparse;

import static java.util.Objects.requireNonNull;

/**
 * That one estimator has a smaller error than another at every size of a study.
 *
 * @param smaller the estimator that is expected to have the smaller error
 * @param larger the other
 * @param source where the claim comes from
 */
public record ErrorClaim(Estimator smaller, Estimator larger, String source) {
    public ErrorClaim {
        requireNonNull(smaller, "smaller");
        requireNonNull(larger, "larger");
        requireNonNull(source, "source");
    }

    @Override
    public String toString() {
        return smaller.label() + " has a smaller error than " + larger.label();
    }
}
