package org.preferencelearning.experiments.result;

/**
 * One evaluation in the course of a training.
 *
 * @param step updates made
 * @param loss held-out loss
 * @param accuracy held-out accuracy
 */
public record CellEvaluation(long step, double loss, double accuracy) {}
