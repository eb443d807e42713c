package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.List;
import org.preferencelearning.core.data.AnnotatedPrompt;
import org.preferencelearning.core.data.InstancesFile;
import org.preferencelearning.core.error.DataFormatException;

/** Files of responses that hold what a command needs. */
final class Instances {
    private Instances() {}

    /** The prompts of a file, at least one. */
    static List<AnnotatedPrompt> read(Path file) {
        List<AnnotatedPrompt> prompts = InstancesFile.read(file);
        if (prompts.isEmpty()) {
            throw new DataFormatException(
                    file.toString(), 0, "field 'instances' is empty: there is nothing to work on");
        }
        return prompts;
    }

    /** The prompts of a file, at least one, all with rewards. */
    static List<AnnotatedPrompt> readAnnotated(Path file) {
        List<AnnotatedPrompt> prompts = read(file);
        for (int i = 0; i < prompts.size(); i++) {
            if (prompts.get(i).rewards().isEmpty()) {
                throw new DataFormatException(
                        file.toString(),
                        0,
                        "instances[" + i + "] has no rewards; allowed: a file that 'annotate' wrote");
            }
        }
        return prompts;
    }

    /** Fails where no row can be used. */
    static void requireAny(Path file, Rows rows) {
        if (rows.used() == 0) {
            throw new DataFormatException(file.toString(), 0, "no usable prompt; " + rows);
        }
    }
}
