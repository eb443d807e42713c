/** What a study found: cells, tables with spread and intervals, and the comparison of methods. */
package org.preferencelearning.experiments.result;
