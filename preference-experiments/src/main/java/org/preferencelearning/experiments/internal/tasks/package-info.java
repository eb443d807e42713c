/** Tasks of language models that several kinds of study share: pairs, fine-tuning, reward models, reference scores, training. */
package org.preferencelearning.experiments.internal.tasks;
