package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.atLeast;
import static org.preferencelearning.core.loss.LossMath.atMost;
import static org.preferencelearning.core.loss.LossMath.exp;
import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.sigmoid;
import static org.preferencelearning.core.loss.LossMath.square;

import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/**
 * Losses by divergence: of the policy's probability of the label from the annotator's, and DPO with other divergences from the
 * reference than the reverse Kullback-Leibler one.
 */
public final class DivergenceLosses {
    private static final double KL_CEILING = 0.999;
    private static final double KL_OFFSET = 1e-3;

    private DivergenceLosses() {}

    /** Total variation: {@code |s(b h) - s(m)|}. */
    public static PreferenceLoss totalVariation(double beta) {
        return ExpressionLoss.of("tv", beta, b -> {
                    SDVariable difference =
                            sigmoid(b.logRatioMargin().mul(beta)).sub(sigmoid(b.margin()));
                    return difference.getSameDiff().math().abs(difference);
                })
                .needingMargin();
    }

    /**
     * {@code KL(q || p)} of two-point distributions with {@code q = min(s(b h), 0.999)} and
     * {@code p = e^m / (1 + e^m + 0.001)}: the clamps are the public code's.
     */
    public static PreferenceLoss kullbackLeibler(double beta) {
        return ExpressionLoss.of("kl", beta, b -> {
                    SDVariable logit = b.logRatioMargin().mul(beta);
                    SDVariable q = atMost(sigmoid(logit), KL_CEILING);
                    SDVariable logQ = atMost(logSigmoid(logit), Math.log(KL_CEILING));
                    SDVariable logOther = atLeast(logSigmoid(logit.neg()), Math.log1p(-KL_CEILING));
                    // e^m / (1 + e^m + c) = 1 / (1 + (1 + c) e^-m) = s(m - log(1 + c))
                    SDVariable target = b.margin().sub(Math.log1p(KL_OFFSET));
                    return q.mul(logQ.sub(logSigmoid(target)))
                            .add(q.rsub(1.0).mul(logOther.sub(logSigmoid(target.neg()))));
                })
                .needingMargin();
    }

    /** {@code [(sqrt q - sqrt p)^2 + (sqrt(1-q) - sqrt(1-p))^2] / 2}, {@code q = min(s(b h), 0.999)}, {@code p = s(m)}. */
    public static PreferenceLoss hellinger(double beta) {
        return ExpressionLoss.of("hellinger", beta, b -> {
                    SDVariable logit = b.logRatioMargin().mul(beta);
                    // sqrt(s(x)) = exp(LS(x) / 2): finite gradient where the probability underflows
                    SDVariable rootQ =
                            exp(atMost(logSigmoid(logit), Math.log(KL_CEILING)).mul(0.5));
                    SDVariable rootOther = exp(atLeast(logSigmoid(logit.neg()), Math.log1p(-KL_CEILING))
                            .mul(0.5));
                    SDVariable rootP = exp(logSigmoid(b.margin()).mul(0.5));
                    SDVariable rootRest = exp(logSigmoid(b.margin().neg()).mul(0.5));
                    return square(rootQ.sub(rootP))
                            .add(square(rootOther.sub(rootRest)))
                            .mul(0.5);
                })
                .needingMargin();
    }

    /** f-DPO with the forward KL divergence: {@code -LS(b (f(lw - rw) - f(ll - rl)))}, {@code f(x) = -exp(-x)}. */
    public static PreferenceLoss forwardKlDpo(double beta) {
        return divergenceDpo("f_forward_kl", beta, x -> exp(x.neg()).neg());
    }

    /** f-DPO with the Jensen-Shannon divergence: {@code f(x) = LS(x)}. */
    public static PreferenceLoss jensenShannonDpo(double beta) {
        return divergenceDpo("f_jsd", beta, LossMath::logSigmoid);
    }

    /**
     * f-DPO with an alpha divergence in the public code's parametrisation: {@code f(x) = -exp(-alpha x) / alpha}.
     *
     * @param alpha at least 1e-6 and below 1
     */
    public static PreferenceLoss alphaDivergenceDpo(double beta, double alpha) {
        SettingException.require(alpha >= 1e-6 && alpha < 1, "alpha", alpha, "1e-6 to below 1");
        return divergenceDpo("f_alpha_" + alpha, beta, x -> exp(x.mul(-alpha)).mul(-1 / alpha));
    }

    private static PreferenceLoss divergenceDpo(
            String name, double beta, Function<SDVariable, SDVariable> divergenceScore) {
        return ExpressionLoss.of(name, beta, b -> {
            SDVariable chosen = divergenceScore.apply(b.chosenLogRatio());
            SDVariable rejected = divergenceScore.apply(b.rejectedLogRatio());
            return logSigmoid(chosen.sub(rejected).mul(beta)).neg();
        });
    }
}
