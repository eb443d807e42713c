package org.preferencelearning.experiments.result;

import org.preferencelearning.experiments.study.CellId;

/**
 * One number of a study.
 *
 * @param cell which cell measured it
 * @param metric what it is
 * @param step updates or iterations made; the largest is the end
 * @param value finite
 * @param unit of the value; empty for shares and pure numbers
 */
public record Row(CellId cell, String metric, long step, double value, String unit) {}
