package org.preferencelearning.experiments.online;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.preferencelearning.experiments.result.Summary;

/** Writes an {@link OnlineResult} as a plain-text table. */
public final class OnlineTable {
    private static final String ROW = "%-9s %-16s %9s %8s %9s %9s %9s %7s %7s %7s%n";

    private OnlineTable() {}

    /** The table, what the truth allows, and the claims with their verdicts. */
    public static String of(OnlineResult result) {
        OnlineStudy study = result.study();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %d iterations of %d prompts x %d responses, %d seed(s), %d evaluation prompts, %.0f s%n%n",
                study.name(),
                study.iterations(),
                study.trainPrompts(),
                study.sampling().samplesPerPrompt(),
                study.seeds().size(),
                study.evaluationPrompts(),
                result.seconds()));
        text.append(String.format(
                ROW, "condition", "arm", "reward", "sd", "95% +/-", "own", "KL", "win", "ended", "length"));
        Evaluation start = result.fineTuned();
        text.append(String.format(
                ROW,
                "-",
                "fine-tuned",
                number(start.meanReward()),
                "-",
                "-",
                number(start.policyReward()),
                number(divergence(start)),
                number(start.winRate()),
                number(start.endedShare()),
                number(start.meanLength())));
        for (Condition condition : study.conditions()) {
            for (ArmSpec arm : study.arms()) {
                Summary reward = result.summary(arm.label(), condition, Evaluation::meanReward);
                text.append(String.format(
                        ROW,
                        condition.name().toLowerCase(Locale.ROOT),
                        arm.label(),
                        number(reward.mean()),
                        number(reward.deviation()),
                        number(reward.halfWidth()),
                        mean(result, arm, condition, Evaluation::policyReward),
                        mean(result, arm, condition, OnlineTable::divergence),
                        mean(result, arm, condition, Evaluation::winRate),
                        mean(result, arm, condition, Evaluation::endedShare),
                        mean(result, arm, condition, Evaluation::meanLength)));
            }
        }
        text.append(String.format(
                Locale.ROOT,
                "%nreward: oracle reward at temperature %s (own: of the policy itself); KL from the fine-tuned policy, nats a"
                        + " response; win: against the fine-tuned policy%n",
                study.evaluationTemperature()));
        result.weakRewardAccuracy()
                .ifPresent(accuracy -> text.append(String.format(
                        Locale.ROOT, "The weak reward ranks %.3f of the held-out pairs as labelled.%n", accuracy)));
        result.optimum()
                .ifPresent(best -> text.append(String.format(
                        Locale.ROOT,
                        "With the world's own text as reference, which the fine-tuned policy imitates, the best policy at beta %s"
                                + " has own reward %.3f at KL %.2f",
                        study.arms().get(0).beta(),
                        best.reward(),
                        best.divergence())));
        result.smallClassOptimum()
                .ifPresent(best -> text.append(String.format(
                        Locale.ROOT,
                        ", the best that tells words apart by a tenth as many groups %.3f at KL %.2f",
                        best.reward(),
                        best.divergence())));
        result.weakOptimum()
                .ifPresent(best -> text.append(String.format(
                        Locale.ROOT,
                        ", and the best for the weak reward %.3f at KL %.2f",
                        best.reward(),
                        best.divergence())));
        if (result.optimum().isPresent()) {
            text.append(String.format(" (reconstructed).%n"));
        }
        for (OnlineResult.Judgement judgement : result.judgements()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-45s %+.3f +/- %s  %s  (%s)%n",
                    judgement.claim(),
                    judgement.difference().mean(),
                    number(judgement.difference().halfWidth()),
                    judgement.verdict(),
                    judgement.claim().source()));
        }
        return text.toString();
    }

    /** Exact where it is known. */
    private static double divergence(Evaluation evaluation) {
        return evaluation.exactDivergence().orElse(evaluation.divergence());
    }

    private static String mean(
            OnlineResult result, ArmSpec arm, Condition condition, ToDoubleFunction<Evaluation> measure) {
        return number(result.summary(arm.label(), condition, measure).mean());
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : "-";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
