package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.logSigmoid;
import static org.preferencelearning.core.loss.LossMath.positivePart;
import static org.preferencelearning.core.loss.LossMath.sigmoid;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** Losses of responses that are wanted or not; {@code r} is a response's log-ratio {@code log(pi / pi_ref)}. */
public final class UnpairedLosses {
    private static final double MAX_WEIGHT = 1e6;
    private static final String KTO = "kto";
    private static final String APO_ZERO = "apo_zero_unpaired";
    private static final String BCO = "bco";
    private static final String NUMBER = "(\\d+(?:\\.\\d+)?(?:E-?\\d+)?)";
    private static final Pattern WEIGHTS = Pattern.compile("(\\w+?)_" + NUMBER + "_" + NUMBER);

    private UnpairedLosses() {}

    /** Names that {@link #named} takes; the first two also with weights, as {@code kto_1.33_1}. */
    public static List<String> names() {
        return List.of(KTO, APO_ZERO, BCO);
    }

    /**
     * The loss of a name.
     *
     * @throws SettingException if there is none of this name, or beta is out of range
     */
    public static UnpairedLoss named(String name, double beta) {
        Matcher weights = WEIGHTS.matcher(name);
        boolean weighted = weights.matches();
        double desirable = weighted ? Double.parseDouble(weights.group(2)) : 1;
        double undesirable = weighted ? Double.parseDouble(weights.group(3)) : 1;
        String loss = weighted ? weights.group(1) : name;
        if (loss.equals(KTO)) {
            return kto(beta, desirable, undesirable);
        }
        if (loss.equals(APO_ZERO)) {
            return apoZero(beta, desirable, undesirable);
        }
        if (name.equals(BCO)) {
            return bco(beta);
        }
        throw new SettingException(
                "loss", name, String.join(", ", names()) + ", the first two also with weights, as kto_1.33_1");
    }

    /**
     * KTO: {@code u (1 - s(b (r - z)))} for a wanted response and {@code v (1 - s(b (z - r)))} for another. z estimates the
     * divergence from the reference, as a constant: the mean log-ratio of mismatched responses, or 0 if that is below. So a
     * response's loss depends on its batch, and a batch of one estimates z by its own mismatched response. Ethayarajh et al.
     * 2024 (arXiv 2402.01306), equations 7 and 8.
     *
     * @param beta 1e-6 to 1e6
     * @param desirable u, 0 to 1e6; the paper keeps u times wanted over v times other responses from 1 to 4/3
     * @param undesirable v, 0 to 1e6; not both 0
     */
    public static UnpairedLoss kto(double beta, double desirable, double undesirable) {
        return weighted(KTO, beta, desirable, undesirable, true, batch -> {
            SDVariable divergence = positivePart(
                    batch.mismatchedPolicy().sub(batch.mismatchedReference()).mean());
            // 1 - s(x) = s(-x)
            return sigmoid(batch.logRatio().sub(divergence).mul(sign(batch)).mul(-beta));
        });
    }

    /**
     * APO-zero of single responses: {@code u (1 - s(b r))} for a wanted response and {@code v s(b r)} for another, {@link #kto}
     * with a z of 0. D'Oosterlinck et al. 2024 (arXiv 2408.06266), equation 7; TRL's KTO trainer has it.
     *
     * @param beta 1e-6 to 1e6
     * @param desirable u, 0 to 1e6
     * @param undesirable v, 0 to 1e6; not both 0
     */
    public static UnpairedLoss apoZero(double beta, double desirable, double undesirable) {
        return weighted(
                APO_ZERO,
                beta,
                desirable,
                undesirable,
                false,
                batch -> sigmoid(batch.logRatio().mul(sign(batch)).mul(-beta)));
    }

    /**
     * BCO: {@code -LS(b (r - d))} for a wanted response and {@code -LS(b (d - r))} for another, a classifier of responses whose
     * threshold d is the mean log-ratio of all that was trained on so far, as a constant. Jung et al. 2024 (arXiv 2404.04656) as
     * TRL's BCO trainer, without its weights of prompts by the density of their embeddings.
     *
     * @param beta 1e-6 to 1e6
     */
    public static UnpairedLoss bco(double beta) {
        ExpressionLoss.requireBeta(beta);
        return new Expression(
                BCO,
                beta,
                batch -> logSigmoid(batch.logRatio()
                                .sub(batch.meanLogRatio())
                                .mul(sign(batch))
                                .mul(beta))
                        .neg(),
                false,
                true);
    }

    /** 1 for a wanted response, -1 for another. */
    private static SDVariable sign(UnpairedBatch batch) {
        return batch.desirable().mul(2.0).sub(1.0);
    }

    private static UnpairedLoss weighted(
            String name,
            double beta,
            double desirable,
            double undesirable,
            boolean needsMismatched,
            Function<UnpairedBatch, SDVariable> expression) {
        ExpressionLoss.requireBeta(beta);
        SettingException.requireBetween("desirable weight", desirable, 0, MAX_WEIGHT);
        SettingException.requireBetween("undesirable weight", undesirable, 0, MAX_WEIGHT);
        SettingException.require(desirable + undesirable > 0, "weights", "both 0", "one above 0");
        return new Expression(
                desirable == 1 && undesirable == 1 ? name : name + "_" + desirable + "_" + undesirable,
                beta,
                batch -> expression
                        .apply(batch)
                        .mul(batch.desirable().mul(desirable - undesirable).add(undesirable)),
                needsMismatched,
                false);
    }

    private record Expression(
            String name,
            double beta,
            Function<UnpairedBatch, SDVariable> expression,
            boolean needsMismatched,
            boolean needsMeanLogRatio)
            implements UnpairedLoss {
        @Override
        public SDVariable perResponse(UnpairedBatch batch) {
            return expression.apply(batch);
        }

        @Override
        public String toString() {
            return name + "(beta=" + beta + ")";
        }
    }
}
