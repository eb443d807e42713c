package org.preferencelearning.experiments.internal.tasks;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.PartedTask;
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
        implements PartedTask<ReferenceScores, ReferenceScores> {
    /** Rows of a part. The bits depend on which are scored together, so it is fixed. */
    private static final int ROWS = 256;

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
    public int parts(TaskContext context) {
        return (EncodedPairs.count(context.get(pairs), part, count) + ROWS - 1) / ROWS;
    }

    @Override
    public ReferenceScores part(TaskContext context, int number) {
        int all = EncodedPairs.count(context.get(pairs), part, count);
        List<TokenPair> rows = EncodedPairs.encode(
                        context.get(pairs), part, number * ROWS, Math.min(all, (number + 1) * ROWS), tokenization)
                .pairs();
        return rows.isEmpty() ? new ReferenceScores(List.of()) : ReferenceScores.of(context.get(policy), rows);
    }

    @Override
    public Codec<ReferenceScores> partCodec() {
        return codec();
    }

    @Override
    public ReferenceScores join(TaskContext context, List<ReferenceScores> parts) {
        ReferenceScores all = ReferenceScores.joined(parts);
        EncodedPairs.requireAny(all.sums(), EncodedPairs.count(context.get(pairs), part, count), tokenization);
        return all;
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
