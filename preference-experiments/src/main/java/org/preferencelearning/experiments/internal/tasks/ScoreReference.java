package org.preferencelearning.experiments.internal.tasks;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * The fine-tuned policy's log-probabilities of pairs, computed once for all cells that train on the same ones.
 *
 * @param policy the reference
 * @param pairs a study's pairs
 * @param part which of them
 * @param count the first so many of the part, or {@link #ALL}
 * @param tokenization how they become tokens
 */
public record ScoreReference(FineTune policy, LoadPairs pairs, Part part, int count, Tokenization tokenization)
        implements Task<ReferenceScores> {
    /** All pairs of the part. */
    public static final int ALL = 0;

    /** Parts of a study's pairs. */
    public enum Part {
        TRAINING,
        HELD_OUT
    }

    public ScoreReference {
        requireNonNull(policy, "policy");
        requireNonNull(pairs, "pairs");
        requireNonNull(part, "part");
        requireNonNull(tokenization, "tokenization");
        SettingException.requireAtLeast("count", count, ALL);
    }

    @Override
    public ReferenceScores run(TaskContext context) {
        EncodedPairs encoded = EncodedPairs.of(context.get(pairs), part, count, tokenization);
        context.progress().begin("reference scores", 1);
        ReferenceScores scores = ReferenceScores.of(context.get(policy), encoded.pairs());
        context.progress().end(encoded.pairs().size() + " pairs");
        return scores;
    }

    @Override
    public Codec<ReferenceScores> codec() {
        return Codec.json(ReferenceScores.class);
    }

    @Override
    public String label() {
        return "reference scores of " + (count == ALL ? "the" : count) + " "
                + part.name().toLowerCase(Locale.ROOT) + " pairs";
    }
}
