package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.internal.tasks.FineTune;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.PartedTask;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * Draws a policy's responses to the training prompts, has them annotated and makes pairs.
 *
 * @param policy whose responses
 * @param annotator gives their rewards
 * @param prompts the study's prompts
 * @param of which of them
 * @param pairs the study's pairs, whose tokenizer is used
 * @param reference the fine-tuned policy
 * @param sampler which of the two responses come from
 * @param sampling how responses are drawn
 * @param selection which two responses of a prompt are compared
 * @param ties what becomes of equal rewards
 * @param appendEndOfText whether responses that were cut off get an end-of-text token
 * @param seed of the responses
 */
record DrawPairs(
        Task<Gpt2Policy> policy,
        PrepareReward annotator,
        LoadPrompts prompts,
        Prompts of,
        LoadPairs pairs,
        FineTune reference,
        ResponseSampler sampler,
        SamplingSettings sampling,
        PairSelector selection,
        TiePolicy ties,
        boolean appendEndOfText,
        long seed)
        implements PartedTask<DrawnPairs, DrawnPairs> {
    /** Prompts of a part. The bits may depend on it, so it is fixed. */
    private static final int PART = 256;

    DrawPairs {
        requireNonNull(policy, "policy");
        requireNonNull(annotator, "annotator");
        requireNonNull(prompts, "prompts");
        requireNonNull(of, "of");
        requireNonNull(pairs, "pairs");
        requireNonNull(reference, "reference");
        requireNonNull(sampler, "sampler");
        requireNonNull(sampling, "sampling");
        requireNonNull(selection, "selection");
        requireNonNull(ties, "ties");
    }

    @Override
    public void check(TaskContext context) {
        context.get(prompts);
    }

    @Override
    public int parts(TaskContext context) {
        return of.parts(PART);
    }

    @Override
    public DrawnPairs part(TaskContext context, int part) {
        List<SamplingRequest> requests = of.part(SamplingRequest.of(of.of(context.get(prompts)), seed), part, PART);
        int end = appendEndOfText ? context.get(pairs).tokenizer().endOfText() : -1;
        List<List<Rollout>> rollouts = drawn(context, requests);
        double[] rewards = context.get(annotator)
                .rewards(rollouts.stream()
                        .flatMap(List::stream)
                        .map(Rollout::sequence)
                        .toList());
        PairMaker.Result made = new PairMaker(selection, ties, end).pairs(rollouts, rewards);
        return new DrawnPairs(made.pairs(), made.ties());
    }

    @Override
    public Codec<DrawnPairs> partCodec() {
        return codec();
    }

    @Override
    public DrawnPairs join(TaskContext context, List<DrawnPairs> parts) {
        return new DrawnPairs(
                parts.stream().flatMap(part -> part.pairs().stream()).toList(),
                parts.stream().mapToInt(DrawnPairs::ties).sum());
    }

    private List<List<Rollout>> drawn(TaskContext context, List<SamplingRequest> requests) {
        List<List<Rollout>> rollouts = sampler.sample(context.get(policy), context.get(reference), requests, sampling);
        int samples = sampling.samplesPerPrompt();
        SettingException.require(
                rollouts.size() == requests.size()
                        && rollouts.stream().allMatch(ofPrompt -> ofPrompt.size() == samples),
                "sampler",
                rollouts.stream().mapToInt(List::size).boxed().toList() + " responses",
                samples + " to each of " + requests.size() + " prompts");
        return rollouts;
    }

    /** The seed of an iteration's responses, which cells of equal seed share. */
    static long seed(long cellSeed, int iteration) {
        return RandomSource.of(cellSeed).stream("responses " + iteration).nextLong();
    }

    @Override
    public Codec<DrawnPairs> codec() {
        return new DrawnPairsCodec();
    }

    @Override
    public String label() {
        return "pairs of " + policy.label();
    }
}
