/** The words that studies are written in; import {@link org.preferencelearning.experiments.dsl.Studies} statically. */
package org.preferencelearning.experiments.dsl;
