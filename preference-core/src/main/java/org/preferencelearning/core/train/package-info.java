/**
 * The trainer: objectives that turn a batch into a gradient, runs that are made an update at a time, saved and gone on with,
 * AdamW, learning-rate schedules, clipping, accumulation, listeners and metrics under TRL's names.
 */
package org.preferencelearning.core.train;
