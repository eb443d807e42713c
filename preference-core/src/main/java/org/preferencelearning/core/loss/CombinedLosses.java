package org.preferencelearning.core.loss;

import static org.preferencelearning.core.loss.LossMath.atMost;
import static org.preferencelearning.core.loss.LossMath.exp;
import static org.preferencelearning.core.loss.LossMath.stopGradient;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
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
        double beta = terms.keySet().iterator().next().beta();
        for (PreferenceLoss loss : terms.keySet()) {
            SettingException.require(
                    loss.beta() == beta, "beta", loss.beta() + " of '" + loss.name() + "'", "one for all, " + beta);
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
                terms.keySet().stream().anyMatch(PreferenceLoss::batchWise));
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
     * WPO: the loss times {@code min(1, exp(lw/nw + ll/nl))}, as a constant: pairs that the policy itself might have written count
     * more. Zhou et al. 2024 (arXiv 2406.11827), equation 2, as open-instruct computes it. TRL further divides each token's
     * probability by the sum of squares of all tokens' probabilities, which takes the head's logits.
     *
     * @param loss one that does not compare pairs with each other
     */
    public static PreferenceLoss weightedByPolicy(PreferenceLoss loss) {
        SettingException.require(
                !loss.batchWise(), "loss", loss.name(), "a loss of each pair alone: a rank has no policy weight");
        return new ExpressionLoss(
                "wpo_" + loss.name(),
                loss.beta(),
                batch -> {
                    SDVariable likelihood =
                            LengthNormalisedLosses.meanChosen(batch).add(LengthNormalisedLosses.meanRejected(batch));
                    return loss.perPair(batch).mul(stopGradient(exp(atMost(likelihood, 0))));
                },
                loss.needsMargin(),
                loss.needsReference(),
                false);
    }
}
