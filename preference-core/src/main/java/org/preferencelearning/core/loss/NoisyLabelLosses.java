package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.sigmoid;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** Losses for labels of which a share {@code e} is wrong. */
public final class NoisyLabelLosses {
    /** The share of wrong labels that {@code cdpo} and {@code robust} of the catalogue assume. */
    public static final double USUAL_NOISE = 0.1;

    /** The smoothing of {@code exo_pair} in the catalogue, which TRL recommends. */
    public static final double USUAL_EXO_SMOOTHING = 1e-3;

    private NoisyLabelLosses() {}

    /**
     * Conservative DPO: {@code -(1 - e) LS(b h) - e LS(-b h)}, least where {@code s(b h) = 1 - e}, so that margins stay finite.
     * Mitchell 2023, "A note on DPO with noisy preferences".
     *
     * @param noise e, 0 to below 0.5; 0 is DPO
     */
    public static PreferenceLoss conservativeDpo(double beta, double noise) {
        requireNoise(noise);
        return ExpressionLoss.of(
                ExpressionLoss.nameWith("cdpo", noise, USUAL_NOISE),
                beta,
                b -> smoothed(b.logRatioMargin().mul(beta), noise));
    }

    /**
     * Robust DPO: {@code [-(1 - e) LS(b h) + e LS(-b h)] / (1 - 2 e)}, whose mean over wrong labels of share e is the loss of the
     * right ones. Unlike {@link #conservativeDpo} it is negative for large margins and has no least value. Chowdhury et al.
     * 2024 (arXiv 2403.00409).
     *
     * @param noise e, 0 to below 0.5; 0 is DPO
     */
    public static PreferenceLoss robustDpo(double beta, double noise) {
        requireNoise(noise);
        return ExpressionLoss.of(ExpressionLoss.nameWith("robust", noise, USUAL_NOISE), beta, b -> {
            SDVariable logit = b.logRatioMargin().mul(beta);
            SDVariable right = logSigmoid(logit).mul(1 - noise);
            SDVariable wrong = logSigmoid(logit.neg()).mul(noise);
            return wrong.sub(right).div(1 - 2 * noise);
        });
    }

    /**
     * EXO of pairs: {@code KL((s(b h), s(-b h)) || (1 - e, e))}, the reverse of the divergence that {@link #conservativeDpo}
     * makes small. Ji et al. 2024 (arXiv 2402.00856), equation 16.
     *
     * @param smoothing e, 1e-12 to below 0.5: the loss has no value at 0
     */
    public static PreferenceLoss exoPair(double beta, double smoothing) {
        SettingException.require(
                smoothing >= 1e-12 && smoothing < 0.5, "smoothing", smoothing, "at least 1e-12 and below 0.5");
        return ExpressionLoss.of(ExpressionLoss.nameWith("exo_pair", smoothing, USUAL_EXO_SMOOTHING), beta, b -> {
            SDVariable logit = b.logRatioMargin().mul(beta);
            SDVariable other = logit.neg();
            return sigmoid(logit)
                    .mul(logSigmoid(logit).sub(Math.log1p(-smoothing)))
                    .add(sigmoid(other).mul(logSigmoid(other).sub(Math.log(smoothing))));
        });
    }

    /** {@code -(1 - e) LS(x) - e LS(-x)}. */
    static SDVariable smoothed(SDVariable logit, double noise) {
        return logSigmoid(logit).mul(noise - 1).sub(logSigmoid(logit.neg()).mul(noise));
    }

    static void requireNoise(double noise) {
        SettingException.require(noise >= 0 && noise < 0.5, "noise", noise, "at least 0 and below 0.5");
    }
}
