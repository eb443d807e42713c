package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.exp;
import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.positivePart;
import static org.preferencelearning.core.loss.LossMath.sigmoid;
import static org.preferencelearning.core.loss.LossMath.square;

import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/**
 * The catalogue of preference losses by name, and those of the log-ratio margin h. Other families are {@link NoisyLabelLosses},
 * {@link AnchoredLosses}, {@link LengthNormalisedLosses}, {@link DivergenceLosses} and {@link BatchLosses};
 * {@link CombinedLosses} makes losses of losses. Where a name is historical, the Javadoc says what is computed; formulas use the
 * notation of the package.
 *
 * <p>A name stands for the settings that {@link #catalogue} tells; with others of them, a loss's name ends in the setting.
 */
public final class PreferenceLosses {
    /** The temperature of {@code discopop} in the catalogue, the paper's. */
    public static final double USUAL_DISCOPOP_TAU = 0.05;

    private PreferenceLosses() {}

    /** Names that {@link #named} knows. */
    public static Set<String> names() {
        return LossCatalogue.names();
    }

    /** Whether {@link #named} knows a name. */
    public static boolean isNamed(String name) {
        return LossCatalogue.isNamed(name);
    }

    /** What there is to know of each name, in the order of {@link #names}. */
    public static List<LossDescription> catalogue() {
        return LossCatalogue.descriptions();
    }

    /**
     * The loss of that name, which may end in a setting, as its own {@link PreferenceLoss#name} does: {@code robust_0.2}.
     *
     * @param beta 1e-6 to 1e6, as of every loss here
     * @throws SettingException if there is none; the message lists all
     */
    public static PreferenceLoss named(String name, double beta) {
        return LossCatalogue.named(name, beta);
    }

    /** DPO: {@code -LS(b h)}. Rafailov et al. 2023, equation 7. */
    public static PreferenceLoss dpo(double beta) {
        return ExpressionLoss.of(
                "sigmoid", beta, b -> logSigmoid(b.logRatioMargin().mul(beta)).neg());
    }

    /**
     * DPO with the annotator's probability as label: {@code -[s(m) LS(b h) + (1 - s(m)) LS(-b h)]}. The public code of
     * arXiv 2505.19770 calls it {@code rev_kl}; it is a cross-entropy with soft labels.
     */
    public static PreferenceLoss softLabelDpo(double beta) {
        return ExpressionLoss.of("rev_kl", beta, b -> {
                    SDVariable logit = b.logRatioMargin().mul(beta);
                    SDVariable label = sigmoid(b.margin());
                    return label.mul(logSigmoid(logit))
                            .add(label.rsub(1.0).mul(logSigmoid(logit.neg())))
                            .neg();
                })
                .needingMargin();
    }

    /**
     * Squared margin: {@code (b h - m)^2 / 2}. On pairs drawn from the policy its gradient is the policy gradient of the
     * KL-regularised value times {@code -2 b}; the public code calls it {@code regression}.
     */
    public static PreferenceLoss squaredMargin(double beta) {
        return ExpressionLoss.of("regression", beta, b -> square(
                                b.logRatioMargin().mul(beta).sub(b.margin()))
                        .mul(0.5))
                .needingMargin();
    }

    /** DPO with an offset: {@code -LS(b h - m)}. Amini et al. 2024 (arXiv 2402.10571), with the margin as offset. */
    public static PreferenceLoss marginDpo(double beta) {
        return ExpressionLoss.of("margin", beta, b -> logSigmoid(
                                b.logRatioMargin().mul(beta).sub(b.margin()))
                        .neg())
                .needingMargin();
    }

    /**
     * Multi-objective DPO: {@code -LS((b h - (1 - w) m) / w)}, where pairs are judged by one objective of weight w and the
     * margin is that of another. Zhou et al. 2024 (arXiv 2310.03708), equation 9, for two objectives.
     *
     * @param weight of the objective that judges the pairs, 1e-6 to 1
     */
    public static PreferenceLoss multiObjectiveDpo(double beta, double weight) {
        SettingException.requireBetween("weight", weight, 1e-6, 1);
        return ExpressionLoss.of("modpo_" + weight, beta, b -> logSigmoid(b.logRatioMargin()
                                .mul(beta)
                                .sub(b.margin().mul(1 - weight))
                                .mul(1 / weight))
                        .neg())
                .needingMargin();
    }

    /** Hinge (SLiC): {@code max(0, 1 - b h)}; beta is the reciprocal of the margin in nats. */
    public static PreferenceLoss hinge(double beta) {
        return ExpressionLoss.of(
                "hinge", beta, b -> positivePart(b.logRatioMargin().mul(-beta).add(1.0)));
    }

    /**
     * IPO on sums of log-probabilities: {@code (h - 1/(2b))^2}, as in the public code and OpenRLHF.
     * {@link LengthNormalisedLosses#ipoOnMeans} is the form on means, which TRL calls {@code ipo}.
     */
    public static PreferenceLoss ipo(double beta) {
        return ExpressionLoss.of("ipo", beta, b -> square(b.logRatioMargin().sub(1 / (2 * beta))));
    }

    /** {@code -LS(b (lw - rw))}: the chosen response alone. */
    public static PreferenceLoss crossEntropy(double beta) {
        return ExpressionLoss.of(
                "cross_entropy", beta, b -> logSigmoid(b.chosenLogRatio().mul(beta))
                        .neg());
    }

    /** RAFT: {@code -lw}, the likelihood of the chosen response; beta only scales the reported rewards. */
    public static PreferenceLoss raft(double beta) {
        return ExpressionLoss.of("raft", beta, b -> b.policyChosen().neg()).withoutReference();
    }

    /**
     * DiscoPOP: {@code -(1 - g) LS(b h) + g exp(-b h)}, {@code g = s(b h / tau)}. Lu et al. 2024 (arXiv 2406.08414), equation 5.
     * Found by search and not convex: for {@code b h} of about -0.1 to 0.1 it rises with the margin. Its second term is computed
     * as one exponential, which is below 1 wherever the plain product of both overflows; so nothing is clamped.
     *
     * @param tau temperature of the blend, 1e-6 to 1; above 1 the loss would grow exponentially
     */
    public static PreferenceLoss discoPop(double beta, double tau) {
        SettingException.requireBetween("tau", tau, 1e-6, 1);
        return ExpressionLoss.of(ExpressionLoss.nameWith("discopop", tau, USUAL_DISCOPOP_TAU), beta, b -> {
            SDVariable logit = b.logRatioMargin().mul(beta);
            SDVariable blend = logit.div(tau);
            return exp(logSigmoid(blend).sub(logit)).sub(sigmoid(blend.neg()).mul(logSigmoid(logit)));
        });
    }
}
