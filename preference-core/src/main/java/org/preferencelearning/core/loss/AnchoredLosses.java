package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.sigmoid;
import static org.preferencelearning.core.loss.LossMath.square;

import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Losses that hold each response to its own reference, {@code hw = lw - rw} and {@code hl = ll - rl}, and not only their
 * difference to 0: they say where each likelihood is to go.
 */
public final class AnchoredLosses {
    private AnchoredLosses() {}

    /**
     * NCA of pairs: {@code -LS(b hw) - LS(-b hw)/2 - LS(-b hl)/2}. The chosen response's likelihood is drawn up only as far as
     * {@code b hw = log 2}, and down beyond. Chen et al. 2024 (arXiv 2402.05369).
     */
    public static PreferenceLoss ncaPair(double beta) {
        return ExpressionLoss.of("nca_pair", beta, b -> {
            SDVariable chosen = b.chosenLogRatio().mul(beta);
            SDVariable rejected = b.rejectedLogRatio().mul(beta);
            return logSigmoid(chosen)
                    .add(logSigmoid(chosen.neg())
                            .add(logSigmoid(rejected.neg()))
                            .mul(0.5))
                    .neg();
        });
    }

    /**
     * BCO of pairs: {@code -LS(b hw) - LS(-b hl)}, a classifier of each response. The whole of BCO (Jung et al. 2024, arXiv
     * 2404.04656) also subtracts a running mean of rewards, which this does not.
     */
    public static PreferenceLoss bcoPair(double beta) {
        return ExpressionLoss.of(
                "bco_pair", beta, b -> logSigmoid(b.chosenLogRatio().mul(beta))
                        .add(logSigmoid(b.rejectedLogRatio().mul(-beta)))
                        .neg());
    }

    /**
     * SPPO with hard labels: {@code (hw - 1/(2b))^2 + (hl + 1/(2b))^2}. Wu et al. 2024 (arXiv 2405.00675), equation 4.7 with
     * probabilities 1 and 0. On sums, so it grows with the square of the length.
     */
    public static PreferenceLoss sppoHard(double beta) {
        double target = 1 / (2 * beta);
        return ExpressionLoss.of(
                "sppo_hard", beta, b -> square(b.chosenLogRatio().sub(target))
                        .add(square(b.rejectedLogRatio().add(target))));
    }

    /**
     * APO-zero: {@code 1 - s(b hw) + s(b hl)}: chosen up, rejected down; for chosen responses better than the model's own.
     * D'Oosterlinck et al. 2024 (arXiv 2408.06266), equation 7.
     */
    public static PreferenceLoss apoZero(double beta) {
        return ExpressionLoss.of(
                "apo_zero", beta, b -> sigmoid(b.rejectedLogRatio().mul(beta))
                        .add(sigmoid(b.chosenLogRatio().mul(-beta))));
    }

    /**
     * APO-down: {@code s(b hw) + 1 - s(b h)}: chosen down, rejected further down; for chosen responses worse than the model's
     * own, so that at the start the chosen response has no slope. D'Oosterlinck et al. 2024 (arXiv 2408.06266), equation 8.
     */
    public static PreferenceLoss apoDown(double beta) {
        return ExpressionLoss.of(
                "apo_down", beta, b -> sigmoid(b.chosenLogRatio().mul(beta))
                        .add(sigmoid(b.logRatioMargin().mul(-beta))));
    }
}
