/** Runs studies. */
package org.preferencelearning.experiments.run;
