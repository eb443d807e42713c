/**
 * Contracts for the tests of parts of your own that take part in studies: rewards and metrics of responses, selections of pairs,
 * and data. They are JUnit classes that you extend; those of losses, reward models and rows are in {@code preference-testkit}.
 */
package org.preferencelearning.experiments.testkit;
