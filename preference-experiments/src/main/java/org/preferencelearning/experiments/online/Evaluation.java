package org.preferencelearning.experiments.online;

import java.util.OptionalDouble;

/**
 * What is measured of a policy on the evaluation prompts.
 *
 * @param meanReward mean oracle reward of responses at the evaluation temperature: the published metric
 * @param policyReward mean oracle reward of responses drawn from the policy itself (temperature 1)
 * @param divergence estimate of the divergence from the fine-tuned policy on those, in nats a response
 * @param exactDivergence the same divergence as a sum over all responses, where they are few enough to be listed
 * @param winRate share of prompts on which the response at the evaluation temperature has a higher oracle reward than the
 *     fine-tuned policy's; ties count half
 * @param endedShare share of responses at the evaluation temperature that end with the end of text
 * @param meanLength their mean length in tokens
 */
public record Evaluation(
        double meanReward,
        double policyReward,
        double divergence,
        OptionalDouble exactDivergence,
        double winRate,
        double endedShare,
        double meanLength) {}
