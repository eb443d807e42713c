/** Generated worlds in which the true reward is known, so that what a method finds can be held against the truth. */
package org.preferencelearning.experiments.world;
