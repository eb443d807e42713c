package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.preferencelearning.experiments.task.NotInKey;

/** Where the prompts of an online study come from. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PromptSpec.OfData.class, name = "of_data"),
    @JsonSubTypes.Type(value = PromptSpec.File.class, name = "file"),
    @JsonSubTypes.Type(value = PromptSpec.Hub.class, name = "hub")
})
public sealed interface PromptSpec {
    /** The different prompts of the study's pairs, or a generated world's own. */
    record OfData() implements PromptSpec {}

    /**
     * A JSON-lines file with a field {@code prompt}.
     *
     * @param path where it is
     */
    record File(@NotInKey String path) implements PromptSpec {
        public File {
            requireNonNull(path, "path");
        }
    }

    /**
     * Such a file on the Hugging Face Hub.
     *
     * @param repository {@code owner/name} or {@code owner/name@revision}
     * @param file path within the repository
     */
    record Hub(@NotInKey String repository, @NotInKey String file) implements PromptSpec {
        public Hub {
            requireNonNull(repository, "repository");
            requireNonNull(file, "file");
        }
    }
}
