package org.preferencelearning.experiments.sparse;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import org.preferencelearning.experiments.task.OpenKind;

/**
 * How a reward, or a policy, is estimated from a sample of pairs. A user's own is a record, whose class and components are what a
 * study that uses it is written down with.
 */
@OpenKind
@JsonSubTypes(@JsonSubTypes.Type(value = KnownMethod.class, name = "known"))
public interface SparseMethod {
    /** Short name for tables and claims. */
    String label();

    /** Whether what is estimated is a policy, whose implicit reward counts, rather than a reward. */
    boolean implicit();

    /**
     * The estimate.
     *
     * @param likelihood of the pairs
     * @param pairs how many there are
     * @param sparsity how many entries of the true reward are not 0, for methods that know it
     * @return {@link PairLikelihood#parameters} numbers
     */
    double[] estimate(PairLikelihood likelihood, int pairs, int sparsity);
}
