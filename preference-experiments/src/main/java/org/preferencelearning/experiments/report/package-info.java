/** Writes what studies found as one page that needs nothing else, and as tables. */
package org.preferencelearning.experiments.report;
