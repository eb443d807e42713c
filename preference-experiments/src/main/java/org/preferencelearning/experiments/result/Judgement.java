package org.preferencelearning.experiments.result;

import java.util.OptionalDouble;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;

/**
 * A claim and what became of it.
 *
 * @param claim the claim
 * @param at the values of the coordinates that the claim leaves open, for which it is judged here
 * @param difference metric of the left cells minus that of the right ones, averaged over seeds
 * @param halfWidth half the width of its 95 % interval; empty where one seed leaves it unknown, 0 where nothing is random
 * @param verdict what follows
 */
public record Judgement(Claim claim, CellId at, double difference, OptionalDouble halfWidth, Verdict verdict) {}
