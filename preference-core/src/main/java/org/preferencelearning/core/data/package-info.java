/**
 * Preference data, from a file to token ids: pairs of texts and the formats they are read from, immutable data sets and
 * their splits, and token sequences that know where the prompt ends.
 */
package org.preferencelearning.core.data;
