package org.preferencelearning.core.model;

import java.util.Optional;

/**
 * What a policy says of the response tokens of some sequences, one sequence after the other.
 *
 * @param logProbabilities of each token given all before it, in nats; the receiver's
 * @param distributions where they were asked for
 */
public record TokenScores(double[] logProbabilities, Optional<TokenDistributions> distributions) {}
