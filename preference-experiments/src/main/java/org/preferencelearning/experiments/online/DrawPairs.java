package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.internal.tasks.FineTune;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.StudyMapper;
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
        implements Task<DrawnPairs> {
    /** Prompts sampled at once; between such parts the work can be saved. The bits may depend on it, so it is fixed. */
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
    public DrawnPairs run(TaskContext context) {
        List<SamplingRequest> requests = SamplingRequest.of(of.of(context.get(prompts)), seed);
        int end = appendEndOfText ? context.get(pairs).tokenizer().endOfText() : -1;
        PairMaker maker = new PairMaker(selection, ties, end);
        State state = new State();
        context.checkpoints().restore(state::load);
        context.progress().begin("responses", requests.size());
        while (state.done < requests.size()) {
            List<SamplingRequest> part = requests.subList(state.done, Math.min(requests.size(), state.done + PART));
            List<List<Rollout>> rollouts = drawn(context, part);
            double[] rewards = context.get(annotator)
                    .rewards(rollouts.stream()
                            .flatMap(List::stream)
                            .map(Rollout::sequence)
                            .toList());
            PairMaker.Result made = maker.pairs(rollouts, rewards);
            state.pairs.addAll(made.pairs());
            state.ties += made.ties();
            state.done += part.size();
            context.progress().step(state.done, state.pairs.size() + " pairs");
            if (state.done < requests.size() && (context.checkpoints().due() || context.stopAsked())) {
                context.checkpoints().save(state::save);
                context.stopIfAsked();
            }
        }
        context.progress().end(state.pairs.size() + " pairs");
        return new DrawnPairs(state.pairs, state.ties);
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

    /** What has been drawn so far. */
    private static final class State {
        private static final DrawnPairsCodec CODEC = new DrawnPairsCodec();
        private static final String DONE = "done.json";

        private final List<TokenPair> pairs = new ArrayList<>();
        private int ties;
        private int done;

        private record Done(int prompts) {}

        void save(Path folder) {
            try {
                CODEC.write(new DrawnPairs(pairs, ties), folder);
                StudyMapper.line().writeValue(folder.resolve(DONE).toFile(), new Done(done));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void load(Path folder) {
            try {
                DrawnPairs drawn = CODEC.read(folder);
                pairs.addAll(drawn.pairs());
                ties = drawn.ties();
                done = StudyMapper.line()
                        .readValue(folder.resolve(DONE).toFile(), Done.class)
                        .prompts();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
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
