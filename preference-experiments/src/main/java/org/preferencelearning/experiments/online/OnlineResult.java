package org.preferencelearning.experiments.online;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.preferencelearning.experiments.result.Summary;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.world.WorldOptimum;

/**
 * What an online study found.
 *
 * @param study the study
 * @param fineTuned evaluation of the policy that everything started from
 * @param cells one per arm, condition and seed
 * @param weakRewardAccuracy accuracy of the weak reward on the study's held-out pairs
 * @param optimum where the truth is known, the best policy without any mis-specification at the first arm's beta
 * @param smallClassOptimum where the truth is known, the best policy for it that tells words apart by
 *     {@link #SMALL_CLASS_SHARE} of as many groups only
 * @param weakOptimum where the truth is known, the best policy for the weak reward
 * @param seconds wall time
 */
public record OnlineResult(
        OnlineStudy study,
        Evaluation fineTuned,
        List<OnlineCell> cells,
        OptionalDouble weakRewardAccuracy,
        Optional<WorldOptimum> optimum,
        Optional<WorldOptimum> smallClassOptimum,
        Optional<WorldOptimum> weakOptimum,
        double seconds) {
    /** Groups of words in the small class of policies, as a share of the words. */
    public static final double SMALL_CLASS_SHARE = 0.1;

    public OnlineResult {
        cells = ImmutableList.copyOf(cells);
    }

    /** The cells of one arm under one condition, one a seed. */
    public List<OnlineCell> cells(String arm, Condition condition) {
        return cells.stream()
                .filter(cell -> cell.arm().equals(arm) && cell.condition() == condition)
                .toList();
    }

    /** Mean and spread over seeds of what the last iteration measured. */
    public Summary summary(String arm, Condition condition, ToDoubleFunction<Evaluation> measure) {
        return Summary.of(cells(arm, condition).stream()
                .mapToDouble(cell -> measure.applyAsDouble(cell.last()))
                .toArray());
    }

    /** Mean and spread over seeds of one arm's mean reward minus another's, seed by seed. */
    public Summary difference(Condition condition, String arm, String other) {
        List<OnlineCell> first = cells(arm, condition);
        List<OnlineCell> second = cells(other, condition);
        double[] differences = new double[first.size()];
        for (int i = 0; i < differences.length; i++) {
            differences[i] =
                    first.get(i).last().meanReward() - second.get(i).last().meanReward();
        }
        return Summary.of(differences);
    }

    /**
     * The study's claims judged by the 95 % interval over seeds of the difference; claims about what was not run are left
     * out.
     */
    public List<Judgement> judgements() {
        return study.claims().stream()
                .filter(claim -> study.conditions().contains(claim.condition())
                        && !cells(claim.better(), claim.condition()).isEmpty()
                        && !cells(claim.worse(), claim.condition()).isEmpty())
                .map(claim -> judge(claim, difference(claim.condition(), claim.better(), claim.worse())))
                .toList();
    }

    private static Judgement judge(OnlineClaim claim, Summary difference) {
        if (difference.halfWidth().isEmpty()) {
            return new Judgement(claim, difference, Verdict.INCONCLUSIVE);
        }
        double half = difference.halfWidth().getAsDouble();
        double low = difference.mean() - half;
        double high = difference.mean() + half;
        double margin = claim.equalWithin();
        Verdict verdict = Verdict.INCONCLUSIVE;
        if (margin > 0) {
            if (low >= -margin && high <= margin) {
                verdict = Verdict.SUPPORTED;
            } else if (low > margin || high < -margin) {
                verdict = Verdict.CONTRADICTED;
            }
        } else if (low > 0) {
            verdict = Verdict.SUPPORTED;
        } else if (high < 0) {
            verdict = Verdict.CONTRADICTED;
        }
        return new Judgement(claim, difference, verdict);
    }

    /**
     * A claim and what became of it.
     *
     * @param difference first minus second, over seeds
     */
    public record Judgement(OnlineClaim claim, Summary difference, Verdict verdict) {}
}
