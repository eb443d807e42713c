package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Ints;
import java.util.List;
import java.util.stream.DoubleStream;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.PartedTask;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * A policy's responses to the evaluation prompts, one each, and the oracle's rewards of them.
 *
 * @param policy whose responses
 * @param oracle whose rewards
 * @param prompts the study's prompts
 * @param of which of them
 * @param sampling how responses are drawn; one a prompt
 * @param seed of the responses: the same for every policy, so that differences are the policies'
 */
record SampleRewards(
        Task<Gpt2Policy> policy,
        PrepareReward oracle,
        LoadPrompts prompts,
        Prompts of,
        SamplingSettings sampling,
        long seed)
        implements PartedTask<SampleRewards.Result, SampleRewards.Result> {
    /** Prompts of a part. The bits may depend on it, so it is fixed. */
    private static final int PART = 256;

    SampleRewards {
        requireNonNull(policy, "policy");
        requireNonNull(oracle, "oracle");
        requireNonNull(prompts, "prompts");
        requireNonNull(of, "of");
        requireNonNull(sampling, "sampling");
    }

    /**
     * Responses and rewards, in the prompts' order.
     *
     * @param responses with their prompts
     * @param ended whether each ended by itself
     * @param logProbabilities of each, under the policy at the sampling's temperature
     * @param rewards of each
     */
    record Result(List<Response> responses, List<Boolean> ended, List<Double> logProbabilities, List<Double> rewards) {
        List<TokenSequence> sequences() {
            return responses.stream().map(Response::sequence).toList();
        }

        double[] rewardArray() {
            return rewards.stream().mapToDouble(Double::doubleValue).toArray();
        }
    }

    /**
     * A prompt with its response.
     *
     * @param tokens of both
     * @param promptLength how many are the prompt's
     */
    record Response(List<Integer> tokens, int promptLength) {
        static Response of(TokenSequence sequence) {
            return new Response(Ints.asList(sequence.tokens()), sequence.promptLength());
        }

        TokenSequence sequence() {
            return new TokenSequence(Ints.toArray(tokens), promptLength);
        }
    }

    @Override
    public int parts(TaskContext context) {
        return of.parts(PART);
    }

    @Override
    public Result part(TaskContext context, int part) {
        List<SamplingRequest> requests = of.part(SamplingRequest.of(of.of(context.get(prompts)), seed), part, PART);
        List<Rollout> rollouts = context.get(policy).sample(requests, sampling).stream()
                .map(list -> list.get(0))
                .toList();
        double[] rewards = context.get(oracle)
                .rewards(rollouts.stream().map(Rollout::sequence).toList());
        return new Result(
                rollouts.stream()
                        .map(rollout -> Response.of(rollout.sequence()))
                        .toList(),
                rollouts.stream().map(Rollout::ended).toList(),
                rollouts.stream().map(Rollout::logProbability).toList(),
                DoubleStream.of(rewards).boxed().toList());
    }

    @Override
    public Codec<Result> partCodec() {
        return codec();
    }

    @Override
    public Result join(TaskContext context, List<Result> parts) {
        return new Result(
                parts.stream().flatMap(part -> part.responses().stream()).toList(),
                parts.stream().flatMap(part -> part.ended().stream()).toList(),
                parts.stream().flatMap(part -> part.logProbabilities().stream()).toList(),
                parts.stream().flatMap(part -> part.rewards().stream()).toList());
    }

    @Override
    public Codec<Result> codec() {
        return Codec.json(Result.class);
    }

    @Override
    public String label() {
        return "rewards of " + policy.label();
    }
}
