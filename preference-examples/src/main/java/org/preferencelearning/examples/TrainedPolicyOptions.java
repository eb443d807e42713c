package org.preferencelearning.examples;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The policy that a command trains, its reference policy, and where the result goes. */
final class TrainedPolicyOptions {
    private static final int USUAL_LENGTH = 256;

    @Mixin
    private BaseOption base;

    @Option(names = "--model-name-or-path", required = true, description = "Folder or Hub name to start from.")
    private String model;

    @Option(names = "--ref-model", required = true, description = "Folder or Hub name of the reference policy.")
    private String reference;

    @Option(
            names = "--max-length",
            description = "Tokens of prompt and response (default: 256, or what the models take if that is less).")
    private @Nullable Integer maxLength;

    @Option(names = "--train", description = "Parameters to train, e.g. frozen:embeddings,blocks(0..15) (default: all)")
    private String train = "all";

    @Option(names = "--output-dir", required = true, paramLabel = "DIR", description = "Folder for the policy.")
    private Path out;

    /**
     * What the options name.
     *
     * @param start the policy before it is trained
     * @param reference the fixed policy
     * @param longest tokens of a sequence that both take
     */
    record Found(NamedModel start, NamedModel reference, int longest) {}

    /** Which parameters are trained. */
    ParameterSelection trained() {
        return ParameterSelection.parse(train);
    }

    /** Where the policy is saved. */
    Path out() {
        return out;
    }

    /** Throws unless the policy and the training's metrics can be written and nothing that the command reads is in the way. */
    void checkOut(Path in, TrainingOptions training) {
        Outputs.checkFolder("--output-dir", out, in, model, reference);
        training.check(out, in, model, reference);
    }

    /** Says how many examples were cut to the longest that is taken. */
    static void tellCut(int cut, int of, int longest, Output output) {
        if (cut > 0) {
            output.warning(cut + " of " + of + " are longer than --max-length, " + longest
                    + " tokens with the prompt, and were cut to it, as the public code does");
        }
    }

    /** Finds both policies, and room for the one that is saved. */
    Found find(Models models, Tokenizer tokenizer) {
        NamedModel start = NamedModel.find("--model-name-or-path", model, base, models, tokenizer);
        NamedModel fixed = NamedModel.find("--ref-model", reference, base, models, tokenizer);
        base.requireUsed();
        NamedModel.requireRoom("--output-dir", out, start.config());
        int longest = Math.min(
                start.longest("--max-length", maxLength, USUAL_LENGTH),
                fixed.longest("--max-length", maxLength, USUAL_LENGTH));
        return new Found(start, fixed, longest);
    }
}
