package org.preferencelearning.core.loss;

/**
 * A line of the catalogue.
 *
 * @param name as {@link PreferenceLosses#named} takes it
 * @param formula of one pair, in ASCII and the notation of the package
 * @param source paper or code that it is from
 * @param needsReference whether it reads the reference policy
 * @param needsMargin whether it reads the annotator's margin
 * @param batchWise whether a pair's loss depends on the other pairs of its batch
 * @param tokenWise whether it takes a policy that tells a response's tokens apart
 */
public record LossDescription(
        String name,
        String formula,
        String source,
        boolean needsReference,
        boolean needsMargin,
        boolean batchWise,
        boolean tokenWise) {}
