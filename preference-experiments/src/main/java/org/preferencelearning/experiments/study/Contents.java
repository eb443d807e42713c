package org.preferencelearning.experiments.study;

/** Hashes of the files that studies name, so that a changed file is another task. */
public interface Contents {
    /** SHA-256 of a data set's file, or of what it is generated from. */
    String of(DatasetSpec dataset);

    /** SHA-256 over a file of prompts. */
    String of(PromptSpec prompts);

    /** SHA-256 over a model's configuration and weights; {@code source} is a folder or a name on the Hub. */
    String ofModel(String source);
}
