package org.preferencelearning.experiments.internal.tasks;

import java.util.OptionalDouble;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.RejectedRows;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/**
 * A study's pairs, split, and the tokenizer that fits them.
 *
 * @param train training part
 * @param validation held-out part
 * @param tokenizer of the data's texts
 * @param rejected rows of the file that could not be used
 * @param ceiling where the truth is known, the accuracy it is expected to have on the held-out labels
 */
public record StudyData(
        PreferenceDataset train,
        PreferenceDataset validation,
        Tokenizer tokenizer,
        RejectedRows rejected,
        OptionalDouble ceiling) {}
