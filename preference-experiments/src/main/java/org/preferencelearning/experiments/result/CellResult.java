package org.preferencelearning.experiments.result;

import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Measurements;

/**
 * What one cell of a study found.
 *
 * @param id where the cell stands
 * @param measurements what it found
 */
public record CellResult(CellId id, Measurements measurements) {}
