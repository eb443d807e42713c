package org.preferencelearning.experiments.online;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.preferencelearning.experiments.run.FinishedRun;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/** Responses that an online study's policies gave to its evaluation prompts. */
public final class OnlineSamples {
    private OnlineSamples() {}

    /**
     * One response.
     *
     * @param cell whose policy, after its last iteration
     * @param prompt as the policy was given it
     * @param response drawn at the evaluation temperature
     * @param ended whether it ended by itself
     * @param reward by the oracle
     */
    public record Sample(CellId cell, String prompt, String response, boolean ended, double reward) {}

    /**
     * The responses to the first prompts, of the fine-tuned policy and of each cell's of one seed, those that the run kept.
     *
     * @param prompts how many of them
     */
    public static List<Sample> of(FinishedRun run, int prompts) {
        List<Sample> samples = new ArrayList<>();
        Set<CellId> seen = new HashSet<>();
        for (Cell cell : run.cells()) {
            EvaluatePolicy evaluation = null;
            if (cell.task() instanceof EvaluatePolicy one) {
                evaluation = one;
            } else if (cell.task() instanceof OnlineCell all
                    && seen.add(cell.id().without(CellId.SEED))) {
                evaluation = all.evaluations().get(all.evaluations().size() - 1);
            }
            if (evaluation != null) {
                add(run, cell.id(), evaluation, prompts, samples);
            }
        }
        return samples;
    }

    private static void add(
            FinishedRun run, CellId cell, EvaluatePolicy evaluation, int prompts, List<Sample> samples) {
        Tokenizer tokenizer = evaluation.base().pairs().tokenizer();
        run.find(evaluation.measured()).ifPresent(found -> {
            for (int i = 0; i < Math.min(prompts, found.responses().size()); i++) {
                SampleRewards.Response response = found.responses().get(i);
                int[] tokens = Ints.toArray(response.tokens());
                int start = response.promptLength();
                int end = found.ended().get(i)
                                && tokens.length > start
                                && tokens[tokens.length - 1] == tokenizer.endOfText()
                        ? tokens.length - 1
                        : tokens.length;
                samples.add(new Sample(
                        cell,
                        tokenizer.decode(java.util.Arrays.copyOfRange(tokens, 0, start)),
                        tokenizer.decode(java.util.Arrays.copyOfRange(tokens, start, end)),
                        found.ended().get(i),
                        found.rewards().get(i)));
            }
        });
    }
}
