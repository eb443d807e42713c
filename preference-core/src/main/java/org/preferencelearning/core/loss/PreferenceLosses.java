package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.atLeast;
import static org.preferencelearning.core.loss.LossMath.atMost;
import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.sigmoid;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/**
 * The catalogue of preference losses. Where a name is historical, the Javadoc says what is computed; formulas use the
 * notation of the package.
 */
public final class PreferenceLosses {
    private static final double KL_CEILING = 0.999;
    private static final double KL_OFFSET = 1e-3;

    /** Beyond these, derivatives of losses leave float32's range. */
    private static final double MIN_BETA = 1e-6;

    private static final double MAX_BETA = 1e6;

    private static final Map<String, DoubleFunction<PreferenceLoss>> CATALOGUE =
            ImmutableMap.<String, DoubleFunction<PreferenceLoss>>builder()
                    .put("sigmoid", PreferenceLosses::dpo)
                    .put("rev_kl", PreferenceLosses::softLabelDpo)
                    .put("regression", PreferenceLosses::squaredMargin)
                    .put("hinge", PreferenceLosses::hinge)
                    .put("ipo", PreferenceLosses::ipo)
                    .put("cross_entropy", PreferenceLosses::crossEntropy)
                    .put("raft", PreferenceLosses::raft)
                    .put("tv", PreferenceLosses::totalVariation)
                    .put("kl", PreferenceLosses::kullbackLeibler)
                    .put("hellinger", PreferenceLosses::hellinger)
                    .put("f_forward_kl", PreferenceLosses::forwardKlDpo)
                    .put("f_jsd", PreferenceLosses::jensenShannonDpo)
                    .put("f_alpha_0.5", beta -> alphaDivergenceDpo(beta, 0.5))
                    .put("margin", PreferenceLosses::marginDpo)
                    .put("modpo_0.5", beta -> multiObjectiveDpo(beta, 0.5))
                    .build();

    private PreferenceLosses() {}

    /** Names that {@link #named} knows. */
    public static Set<String> names() {
        return CATALOGUE.keySet();
    }

    /**
     * The loss of that name.
     *
     * @param beta 1e-6 to 1e6, as of every loss here
     * @throws SettingException if there is none; the message lists all
     */
    public static PreferenceLoss named(String name, double beta) {
        DoubleFunction<PreferenceLoss> loss = CATALOGUE.get(name);
        SettingException.require(loss != null, "loss", name, String.join(", ", names()));
        return loss.apply(beta);
    }

    /** DPO: {@code -LS(b h)}. Rafailov et al. 2023, equation 7. */
    public static PreferenceLoss dpo(double beta) {
        return loss(
                "sigmoid", beta, b -> logSigmoid(b.logRatioMargin().mul(beta)).neg());
    }

    /**
     * DPO with the annotator's probability as label: {@code -[s(m) LS(b h) + (1 - s(m)) LS(-b h)]}. The public code of
     * arXiv 2505.19770 calls it {@code rev_kl}; it is a cross-entropy with soft labels.
     */
    public static PreferenceLoss softLabelDpo(double beta) {
        return marginLoss("rev_kl", beta, b -> {
            SDVariable logit = b.logRatioMargin().mul(beta);
            SDVariable label = sigmoid(b.margin());
            return label.mul(logSigmoid(logit))
                    .add(label.rsub(1.0).mul(logSigmoid(logit.neg())))
                    .neg();
        });
    }

    /**
     * Squared margin: {@code (b h - m)^2 / 2}. On pairs drawn from the policy its gradient is the policy gradient of the
     * KL-regularised value times {@code -2 b}; the public code calls it {@code regression}.
     */
    public static PreferenceLoss squaredMargin(double beta) {
        return marginLoss(
                "regression", beta, b -> square(b.logRatioMargin().mul(beta).sub(b.margin()))
                        .mul(0.5));
    }

    /** DPO with an offset: {@code -LS(b h - m)}. Amini et al. 2024 (arXiv 2402.10571), with the margin as offset. */
    public static PreferenceLoss marginDpo(double beta) {
        return marginLoss(
                "margin", beta, b -> logSigmoid(b.logRatioMargin().mul(beta).sub(b.margin()))
                        .neg());
    }

    /**
     * Multi-objective DPO: {@code -LS((b h - (1 - w) m) / w)}, where pairs are judged by one objective of weight w and the
     * margin is that of another. Zhou et al. 2024 (arXiv 2310.03708), equation 9, for two objectives.
     *
     * @param weight of the objective that judges the pairs, 1e-6 to 1
     */
    public static PreferenceLoss multiObjectiveDpo(double beta, double weight) {
        SettingException.requireBetween("weight", weight, 1e-6, 1);
        return marginLoss("modpo_" + weight, beta, b -> logSigmoid(b.logRatioMargin()
                        .mul(beta)
                        .sub(b.margin().mul(1 - weight))
                        .mul(1 / weight))
                .neg());
    }

    /** Hinge (SLiC): {@code max(0, 1 - b h)}. */
    public static PreferenceLoss hinge(double beta) {
        return loss("hinge", beta, b -> {
            SDVariable slack = b.logRatioMargin().mul(-beta).add(1.0);
            return slack.getSameDiff().nn().relu(slack, 0);
        });
    }

    /** IPO on sums of log-probabilities: {@code (h - 1/(2b))^2}. Its length-normalised form is another loss. */
    public static PreferenceLoss ipo(double beta) {
        return loss("ipo", beta, b -> square(b.logRatioMargin().sub(1 / (2 * beta))));
    }

    /** {@code -LS(b (lw - rw))}: the chosen response alone. */
    public static PreferenceLoss crossEntropy(double beta) {
        return loss("cross_entropy", beta, b -> logSigmoid(b.chosenLogRatio().mul(beta))
                .neg());
    }

    /** RAFT: {@code -lw}, the likelihood of the chosen response; beta only scales the reported rewards. */
    public static PreferenceLoss raft(double beta) {
        return new ExpressionLoss(
                "raft", requireBeta(beta), b -> b.policyChosen().neg(), false, false);
    }

    /** Total variation: {@code |s(b h) - s(m)|}. */
    public static PreferenceLoss totalVariation(double beta) {
        return marginLoss("tv", beta, b -> {
            SDVariable difference = sigmoid(b.logRatioMargin().mul(beta)).sub(sigmoid(b.margin()));
            return difference.getSameDiff().math().abs(difference);
        });
    }

    /**
     * {@code KL(q || p)} of two-point distributions with {@code q = min(s(b h), 0.999)} and
     * {@code p = e^m / (1 + e^m + 0.001)}: the clamps are the public code's.
     */
    public static PreferenceLoss kullbackLeibler(double beta) {
        return marginLoss("kl", beta, b -> {
            SDVariable logit = b.logRatioMargin().mul(beta);
            SDVariable q = atMost(sigmoid(logit), KL_CEILING);
            SDVariable logQ = atMost(logSigmoid(logit), Math.log(KL_CEILING));
            SDVariable logOther = atLeast(logSigmoid(logit.neg()), Math.log1p(-KL_CEILING));
            // e^m / (1 + e^m + c) = 1 / (1 + (1 + c) e^-m) = s(m - log(1 + c))
            SDVariable target = b.margin().sub(Math.log1p(KL_OFFSET));
            return q.mul(logQ.sub(logSigmoid(target))).add(q.rsub(1.0).mul(logOther.sub(logSigmoid(target.neg()))));
        });
    }

    /** {@code [(sqrt q - sqrt p)^2 + (sqrt(1-q) - sqrt(1-p))^2] / 2}, {@code q = min(s(b h), 0.999)}, {@code p = s(m)}. */
    public static PreferenceLoss hellinger(double beta) {
        return marginLoss("hellinger", beta, b -> {
            SDVariable logit = b.logRatioMargin().mul(beta);
            // sqrt(s(x)) = exp(LS(x) / 2): finite gradient where the probability underflows
            SDVariable rootQ =
                    exp(atMost(logSigmoid(logit), Math.log(KL_CEILING)).mul(0.5));
            SDVariable rootOther = exp(
                    atLeast(logSigmoid(logit.neg()), Math.log1p(-KL_CEILING)).mul(0.5));
            SDVariable rootP = exp(logSigmoid(b.margin()).mul(0.5));
            SDVariable rootRest = exp(logSigmoid(b.margin().neg()).mul(0.5));
            return square(rootQ.sub(rootP)).add(square(rootOther.sub(rootRest))).mul(0.5);
        });
    }

    /** f-DPO with the forward KL divergence: {@code -LS(b (f(lw - rw) - f(ll - rl)))}, {@code f(x) = -exp(-x)}. */
    public static PreferenceLoss forwardKlDpo(double beta) {
        return divergenceLoss("f_forward_kl", beta, x -> exp(x.neg()).neg());
    }

    /** f-DPO with the Jensen-Shannon divergence: {@code f(x) = LS(x)}. */
    public static PreferenceLoss jensenShannonDpo(double beta) {
        return divergenceLoss("f_jsd", beta, LossMath::logSigmoid);
    }

    /**
     * f-DPO with an alpha divergence in the public code's parametrisation: {@code f(x) = -exp(-alpha x) / alpha}.
     *
     * @param alpha at least 1e-6 and below 1
     */
    public static PreferenceLoss alphaDivergenceDpo(double beta, double alpha) {
        SettingException.require(alpha >= 1e-6 && alpha < 1, "alpha", alpha, "1e-6 to below 1");
        return divergenceLoss("f_alpha_" + alpha, beta, x -> exp(x.mul(-alpha)).mul(-1 / alpha));
    }

    private static PreferenceLoss divergenceLoss(
            String name, double beta, Function<SDVariable, SDVariable> divergenceScore) {
        return loss(name, beta, b -> {
            SDVariable chosen = divergenceScore.apply(b.chosenLogRatio());
            SDVariable rejected = divergenceScore.apply(b.rejectedLogRatio());
            return logSigmoid(chosen.sub(rejected).mul(beta)).neg();
        });
    }

    private static PreferenceLoss loss(String name, double beta, Function<PreferenceBatch, SDVariable> expression) {
        return new ExpressionLoss(name, requireBeta(beta), expression, false, true);
    }

    private static PreferenceLoss marginLoss(
            String name, double beta, Function<PreferenceBatch, SDVariable> expression) {
        return new ExpressionLoss(name, requireBeta(beta), expression, true, true);
    }

    private static double requireBeta(double beta) {
        return SettingException.requireBetween("beta", beta, MIN_BETA, MAX_BETA);
    }

    private static SDVariable square(SDVariable x) {
        return x.getSameDiff().math().square(x);
    }

    private static SDVariable exp(SDVariable x) {
        return x.getSameDiff().math().exp(x);
    }

    private record ExpressionLoss(
            String name,
            double beta,
            Function<PreferenceBatch, SDVariable> expression,
            boolean needsMargin,
            boolean needsReference)
            implements PreferenceLoss {
        @Override
        public SDVariable perPair(PreferenceBatch batch) {
            return expression.apply(batch);
        }

        @Override
        public String toString() {
            return name + "(beta=" + beta + ")";
        }
    }
}
