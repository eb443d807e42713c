package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.logOneMinusExp;
import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.square;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/**
 * Losses of means over a response's tokens in place of sums: {@code nw} and {@code nl} are the numbers of scored tokens of
 * chosen and rejected. A mean is smaller than its sum by the length, so these want a larger beta.
 */
public final class LengthNormalisedLosses {
    /** The margin of {@code simpo} in the catalogue, TRL's. */
    public static final double USUAL_SIMPO_GAMMA = 0.5;

    private static final double MAX_GAMMA = 1e6;

    private LengthNormalisedLosses() {}

    /**
     * DPO on means: {@code -LS(b (hw/nw - hl/nl))}. TRL's {@code sigmoid_norm}; open-instruct's {@code dpo_norm}, there with
     * beta 5.
     */
    public static PreferenceLoss dpoOnMeans(double beta) {
        return ExpressionLoss.of(
                "sigmoid_norm", beta, b -> logSigmoid(meanLogRatioMargin(b).mul(beta))
                        .neg());
    }

    /**
     * IPO on means: {@code (hw/nw - hl/nl - 1/(2b))^2}, the form behind the paper's results (Azar et al. 2023, arXiv 2310.12036,
     * equation 17), and what TRL calls {@code ipo}. {@link PreferenceLosses#ipo} is the form on sums.
     */
    public static PreferenceLoss ipoOnMeans(double beta) {
        return ExpressionLoss.of(
                "ipo_norm", beta, b -> square(meanLogRatioMargin(b).sub(1 / (2 * beta))));
    }

    /**
     * SimPO: {@code -LS(b (lw/nw - ll/nl) - gamma)}, without a reference. Meng et al. 2024 (arXiv 2405.14734), equation 6;
     * they use betas of 2 to 10. open-instruct states {@code gamma / beta} in place of gamma.
     *
     * @param gamma the margin asked for, 0 to 1e6
     */
    public static PreferenceLoss simpo(double beta, double gamma) {
        SettingException.requireBetween("gamma", gamma, 0, MAX_GAMMA);
        return ExpressionLoss.of(ExpressionLoss.nameWith("simpo", gamma, USUAL_SIMPO_GAMMA), beta, b -> logSigmoid(
                                meanChosen(b).sub(meanRejected(b)).mul(beta).sub(gamma))
                        .neg())
                .withoutReference();
    }

    /**
     * ORPO: {@code -lw/nw - b LS(odds(lw/nw) - odds(ll/nl))}, {@code odds(x) = x - log(1 - exp(x))}, without a reference. Hong et
     * al. 2024 (arXiv 2403.07691), equations 4 to 7; beta is their lambda. A mean probability above {@code 1 - 1e-12}, whose
     * odds have no bound, counts as that.
     */
    public static PreferenceLoss orpo(double beta) {
        return ExpressionLoss.of("orpo", beta, b -> {
                    SDVariable chosen = meanChosen(b);
                    SDVariable oddsRatio = logOdds(chosen).sub(logOdds(meanRejected(b)));
                    return logSigmoid(oddsRatio).mul(-beta).sub(chosen);
                })
                .withoutReference();
    }

    /**
     * The negative log-likelihood of a token of the chosen response, {@code -lw/nw}: each pair counts alike, where language
     * modelling counts each token alike. Beta only scales the reported rewards.
     */
    public static PreferenceLoss likelihood(double beta) {
        return ExpressionLoss.of("sft", beta, b -> meanChosen(b).neg()).withoutReference();
    }

    private static SDVariable logOdds(SDVariable logProbability) {
        return logProbability.sub(logOneMinusExp(logProbability));
    }

    private static SDVariable meanLogRatioMargin(PreferenceBatch b) {
        return b.chosenLogRatio().div(b.chosenTokens()).sub(b.rejectedLogRatio().div(b.rejectedTokens()));
    }

    static SDVariable meanChosen(PreferenceBatch b) {
        return b.policyChosen().div(b.chosenTokens());
    }

    static SDVariable meanRejected(PreferenceBatch b) {
        return b.policyRejected().div(b.rejectedTokens());
    }
}
