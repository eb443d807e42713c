/**
 * The trainer: objectives that turn a batch into a gradient, AdamW, learning-rate schedules, clipping, accumulation,
 * listeners and metrics under TRL's names.
 */
package org.preferencelearning.core.train;
