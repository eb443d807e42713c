package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.experiments.internal.tasks.ReferenceScores;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.PartedTask;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * A reference policy's log-probabilities of pairs that were drawn, computed once for all iterations and cells that train on them.
 *
 * @param policy the reference
 * @param drawn the pairs
 */
record ScoreDrawn(Task<Gpt2Policy> policy, DrawPairs drawn) implements PartedTask<ReferenceScores, ReferenceScores> {
    ScoreDrawn {
        requireNonNull(policy, "policy");
        requireNonNull(drawn, "drawn");
    }

    /** Whether a loss asks for whole responses' scores, so that it does not matter which responses a pair is made of. */
    static boolean serves(PreferenceLoss loss) {
        return loss.needsReference() && loss.tailWeight() == 1;
    }

    /** As many as of the prompts: how many pairs there are is not known before they are drawn. */
    @Override
    public int parts(TaskContext context) {
        return drawn.parts(context);
    }

    @Override
    public ReferenceScores part(TaskContext context, int part) {
        List<TokenPair> pairs = context.get(drawn).pairs();
        int parts = parts(context);
        List<TokenPair> own = pairs.subList(place(pairs.size(), part, parts), place(pairs.size(), part + 1, parts));
        return own.isEmpty() ? new ReferenceScores(List.of()) : ReferenceScores.of(context.get(policy), own);
    }

    private static int place(int pairs, int part, int parts) {
        return (int) ((long) pairs * part / parts);
    }

    @Override
    public Codec<ReferenceScores> partCodec() {
        return codec();
    }

    @Override
    public ReferenceScores join(TaskContext context, List<ReferenceScores> parts) {
        return ReferenceScores.joined(parts);
    }

    @Override
    public Codec<ReferenceScores> codec() {
        return Codec.json(ReferenceScores.class);
    }

    @Override
    public String label() {
        return "reference scores of " + drawn.label();
    }
}
