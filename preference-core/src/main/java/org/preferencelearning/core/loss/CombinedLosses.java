package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.atMost;
import static org.preferencelearning.core.loss.LossMath.exp;
import static org.preferencelearning.core.loss.LossMath.stopGradient;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.SettingException;

/** Losses made of losses, the catalogue's or one's own. */
public final class CombinedLosses {
    private static final double MIN_WEIGHT = 1e-12;
    private static final double MAX_WEIGHT = 1e6;

    private CombinedLosses() {}

    /**
     * {@code sum of weight * loss}, as MPO's (Wang et al. 2024, arXiv 2411.10442).
     *
     * @param weights of each loss, 1e-12 to 1e6; at least one loss, all of one beta, which scales the reported rewards
     */
    public static PreferenceLoss weightedSum(Map<PreferenceLoss, Double> weights) {
        Map<PreferenceLoss, Double> terms = ImmutableMap.copyOf(weights);
        SettingException.require(!terms.isEmpty(), "losses", "empty", "at least one loss");
        terms.values().forEach(weight -> SettingException.requireBetween("weight", weight, MIN_WEIGHT, MAX_WEIGHT));
        PreferenceLoss first = terms.keySet().iterator().next();
        double beta = first.beta();
        for (PreferenceLoss loss : terms.keySet()) {
            SettingException.require(
                    loss.beta() == beta, "beta", loss.beta() + " of '" + loss.name() + "'", "one for all, " + beta);
            SettingException.require(
                    loss.tailWeight() == first.tailWeight(),
                    "tailWeight",
                    loss.tailWeight() + " of '" + loss.name() + "'",
                    "one for all, " + first.tailWeight() + ": there is one sum of a response");
        }
        return new ExpressionLoss(
                terms.entrySet().stream()
                        .map(term -> term.getValue() + "*" + term.getKey().name())
                        .collect(Collectors.joining("+")),
                beta,
                batch -> terms.entrySet().stream()
                        .map(term -> term.getKey().perPair(batch).mul(term.getValue()))
                        .reduce(SDVariable::add)
                        .orElseThrow(),
                terms.keySet().stream().anyMatch(PreferenceLoss::needsMargin),
                terms.keySet().stream().anyMatch(PreferenceLoss::needsReference),
                terms.keySet().stream().anyMatch(PreferenceLoss::batchWise),
                first.tailWeight(),
                terms.keySet().stream().anyMatch(PreferenceLoss::needsAligned));
    }

    /**
     * {@code loss - coefficient * lw/nw}: the chosen response's likelihood as a term of its own, against chosen likelihoods that
     * fall. Pang et al. 2024 (arXiv 2404.19733), there with coefficient 1.
     *
     * @param coefficient 1e-12 to 1e6
     */
    public static PreferenceLoss withLikelihood(PreferenceLoss loss, double coefficient) {
        SettingException.requireBetween("coefficient", coefficient, MIN_WEIGHT, MAX_WEIGHT);
        return weightedSum(ImmutableMap.of(loss, 1.0, LengthNormalisedLosses.likelihood(loss.beta()), coefficient));
    }

    /**
     * WPO without alignment: the loss times {@code min(1, exp(lw/nw + ll/nl))}, as a constant: pairs that the policy itself might
     * have written count more. Zhou et al. 2024 (arXiv 2406.11827), equation 2, as open-instruct computes it.
     *
     * @param loss one that does not compare pairs with each other
     */
    public static PreferenceLoss weightedByPolicy(PreferenceLoss loss) {
        return weighted(
                "wpo_" + loss.name(),
                loss,
                loss.needsAligned(),
                batch -> atMost(
                        LengthNormalisedLosses.meanChosen(batch).add(LengthNormalisedLosses.meanRejected(batch)), 0));
    }

    /**
     * WPO: the loss times {@code exp(aw + al)} as a constant, {@code aw} and {@code al} the mean over a response's tokens of
     * {@code log pi(token) - log sum pi(v)^2}: a token's probability over that expected of a token drawn from the policy, so
     * that where the policy is unsure a pair does not count less. Zhou et al. 2024 (arXiv 2406.11827), equation 2 with its sampled
     * alignment, as TRL's {@code use_weighting} and without its mean over a batch. A weight may be above 1, by far where tokens
     * are likelier than most.
     *
     * @param loss one that does not compare pairs with each other
     */
    public static PreferenceLoss weightedByAlignedPolicy(PreferenceLoss loss) {
        return weighted("wpo_aligned_" + loss.name(), loss, true, batch -> batch.chosenAligned()
                .add(batch.rejectedAligned()));
    }

    private static PreferenceLoss weighted(
            String name, PreferenceLoss loss, boolean needsAligned, Function<PreferenceBatch, SDVariable> logarithm) {
        SettingException.require(
                !loss.batchWise(), "loss", loss.name(), "a loss of each pair alone: a rank has no policy weight");
        return new ExpressionLoss(
                name,
                loss.beta(),
                batch -> loss.perPair(batch).mul(stopGradient(exp(logarithm.apply(batch)))),
                loss.needsMargin(),
                loss.needsReference(),
                false,
                loss.tailWeight(),
                needsAligned);
    }

    /**
     * LD: the loss of sums in which tokens beyond the length of the pair's shorter response count {@code alpha}, so that a longer
     * response is not preferred or not for its length alone; on DPO, LD-DPO. Liu et al. 2024 (arXiv 2409.06411), and
     * TRL's {@code ld_alpha}. Every sum that the loss reads is such a one, the reference's too, and reported rewards and
     * log-probabilities are made of them; numbers of tokens are not changed, so that a mean over tokens is one of fewer.
     * Reference sums that were computed before without {@code alpha} are others.
     *
     * @param loss whose sums are not changed already
     * @param alpha 0, for the common length alone, to below 1
     */
    public static PreferenceLoss lengthDesensitised(PreferenceLoss loss, double alpha) {
        SettingException.require(alpha >= 0 && alpha < 1, "alpha", alpha, "at least 0 and below 1");
        SettingException.require(
                loss.tailWeight() == 1, "loss", loss.name(), "a loss whose tail weight is 1, not " + loss.tailWeight());
        return new ExpressionLoss(
                "ld_" + loss.name() + "_" + alpha,
                loss.beta(),
                loss::perPair,
                loss.needsMargin(),
                loss.needsReference(),
                loss.batchWise(),
                alpha,
                loss.needsAligned());
    }
}
