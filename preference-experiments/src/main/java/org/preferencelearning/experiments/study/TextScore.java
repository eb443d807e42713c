package org.preferencelearning.experiments.study;

import org.preferencelearning.experiments.task.OpenKind;

/**
 * A number that a user's own code gives a response: a reward that annotates, or a metric that is measured. An implementation is
 * a record, whose class and components are what a study that uses it is written down with.
 */
@OpenKind
public interface TextScore {
    /** Short name for tables and claims. */
    String label();

    /**
     * The score of a response. Called by one thread at a time.
     *
     * @param prompt with its template, as the policy saw it
     * @param response without the end of text
     * @return a finite number
     */
    double of(String prompt, String response);
}
