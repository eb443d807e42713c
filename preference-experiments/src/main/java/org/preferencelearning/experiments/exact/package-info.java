/**
 * Section 3 without a language model: studies of exact optimisation over finite response sets, their claims and verdicts, the
 * case book of the paper's conditions, and the identities behind online DPO.
 */
package org.preferencelearning.experiments.exact;
