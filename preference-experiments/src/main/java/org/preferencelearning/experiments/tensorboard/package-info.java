/** Metrics as files that TensorBoard reads. */
package org.preferencelearning.experiments.tensorboard;
