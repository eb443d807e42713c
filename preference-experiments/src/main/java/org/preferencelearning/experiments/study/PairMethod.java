package org.preferencelearning.experiments.study;

import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.task.OpenKind;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * A user's own way to learn from preference pairs. An implementation is a record, whose class and components are what a study
 * that uses it is written down with; training, evaluation, saving and resuming are the study's business.
 */
@OpenKind
public interface PairMethod {
    /** Short name for tables and claims. */
    String label();

    /**
     * What learns.
     *
     * @param policy a copy of the fine-tuned policy, to be trained or not; closed by the study
     * @param reference what the fine-tuned policy says of pairs, computed when it is first asked
     * @param random gives whatever is drawn
     */
    PairLearner learner(Gpt2Policy policy, ReferencePolicy reference, RandomSource random);
}
