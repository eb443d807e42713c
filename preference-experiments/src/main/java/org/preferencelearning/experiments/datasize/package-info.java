/** Data-size studies: who learns more from few pairs, as in the verification of Section 4. */
package org.preferencelearning.experiments.datasize;
