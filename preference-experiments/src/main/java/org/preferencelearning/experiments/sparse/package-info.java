/**
 * Section 4 without a language model: a dual-token world whose true reward is sparse, estimators of rewards and of policies
 * from a finite sample of pairs, and how their errors fall with its size. The construction is reconstructed, not the paper's.
 */
package org.preferencelearning.experiments.sparse;
