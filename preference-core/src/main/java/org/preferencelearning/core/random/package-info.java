/** The one seeded generator, what derives independent streams from it, and NumPy's permutation for published splits. */
package org.preferencelearning.core.random;
