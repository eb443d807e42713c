package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.positivePart;
import static org.preferencelearning.core.loss.LossMath.sigmoid;

import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** Losses of responses that are wanted or not. */
public final class UnpairedLosses {
    private static final double MAX_WEIGHT = 1e6;

    private UnpairedLosses() {}

    /**
     * KTO: {@code u (1 - s(b (r - z)))} for a wanted response and {@code v (1 - s(b (z - r)))} for another, r its log-ratio. z
     * estimates the divergence from the reference, as a constant: the mean log-ratio of mismatched responses, or 0 if that is
     * below. So a response's loss depends on its batch, and a batch of one estimates z by its own mismatched response.
     * Ethayarajh et al. 2024 (arXiv 2402.01306), equations 7 and 8.
     *
     * @param beta 1e-6 to 1e6
     * @param desirable u, 0 to 1e6; the paper keeps u times wanted over v times other responses from 1 to 4/3
     * @param undesirable v, 0 to 1e6; not both 0
     */
    public static UnpairedLoss kto(double beta, double desirable, double undesirable) {
        ExpressionLoss.requireBeta(beta);
        SettingException.requireBetween("desirable weight", desirable, 0, MAX_WEIGHT);
        SettingException.requireBetween("undesirable weight", undesirable, 0, MAX_WEIGHT);
        SettingException.require(desirable + undesirable > 0, "weights", "both 0", "one above 0");
        return new Kto(beta, desirable, undesirable);
    }

    private record Kto(double beta, double desirable, double undesirable) implements UnpairedLoss {
        @Override
        public String name() {
            return desirable == 1 && undesirable == 1 ? "kto" : "kto_" + desirable + "_" + undesirable;
        }

        @Override
        public SDVariable perResponse(UnpairedBatch batch) {
            SDVariable divergence = positivePart(
                    batch.mismatchedPolicy().sub(batch.mismatchedReference()).mean());
            SDVariable distance = batch.logRatio().sub(divergence);
            SDVariable sign = batch.desirable().mul(2.0).sub(1.0);
            SDVariable weight = batch.desirable().mul(desirable - undesirable).add(undesirable);
            // 1 - s(x) = s(-x)
            return sigmoid(distance.mul(sign).mul(-beta)).mul(weight);
        }
    }
}
