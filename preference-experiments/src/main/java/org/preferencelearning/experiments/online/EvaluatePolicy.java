package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.ResponseSpace;
import org.preferencelearning.experiments.internal.tasks.FineTune;
import org.preferencelearning.experiments.internal.tasks.StudyData;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Measuring;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/**
 * What is measured of a policy: {@link OnlineMetrics}.
 *
 * @param measured its responses at the evaluation temperature
 * @param own its responses at temperature 1
 * @param base the fine-tuned policy
 * @param baseline the fine-tuned policy's responses at the evaluation temperature
 * @param beta of the value, above 0
 * @param scores what else is measured of the responses at the evaluation temperature
 * @param step iterations made
 */
record EvaluatePolicy(
        SampleRewards measured,
        SampleRewards own,
        FineTune base,
        SampleRewards baseline,
        double beta,
        List<TextScore> scores,
        int step)
        implements Measuring {
    /** Most responses to a prompt over which a divergence is summed. */
    private static final int LISTED_RESPONSES = 20_000;

    EvaluatePolicy {
        requireNonNull(measured, "measured");
        requireNonNull(own, "own");
        requireNonNull(base, "base");
        requireNonNull(baseline, "baseline");
        SettingException.requirePositive("beta", beta);
        scores = ImmutableList.copyOf(scores);
        for (SampleRewards other : List.of(own, baseline)) {
            SettingException.require(
                    other.prompts().equals(measured.prompts()) && other.of().equals(measured.of()),
                    "prompts",
                    other.of(),
                    measured.of() + ", those of the responses that are compared");
        }
    }

    @Override
    public List<Task<?>> inputs() {
        return List.of(measured, own, base, baseline, measured.policy(), measured.prompts(), base.pairs());
    }

    @Override
    public Measurements run(TaskContext context) {
        long start = System.nanoTime();
        SampleRewards.Result responses = context.get(measured);
        SampleRewards.Result owns = context.get(own);
        Gpt2Policy reference = context.get(base);
        double[] rewards = responses.rewardArray();
        double[] baseRewards = context.get(baseline).rewardArray();
        double[] baseSums = reference.logProbabilities(owns.sequences());
        double[] ratios = IntStream.range(0, baseSums.length)
                .mapToDouble(i -> owns.logProbabilities().get(i) - baseSums[i])
                .toArray();
        double[] ownRewards = owns.rewardArray();
        double[] regularised = IntStream.range(0, ratios.length)
                .mapToDouble(i -> ownRewards[i] - beta * ratios[i])
                .toArray();
        double[] wins = IntStream.range(0, rewards.length)
                .mapToDouble(i -> (Double.compare(rewards[i], baseRewards[i]) + 1) / 2.0)
                .toArray();
        double[] ended =
                responses.ended().stream().mapToDouble(end -> end ? 1 : 0).toArray();
        double[] lengths = responses.sequences().stream()
                .mapToDouble(sequence -> sequence.responseLength())
                .toArray();
        Measurements.Builder found = Measurements.builder(measured.of().indices())
                .mean(OnlineMetrics.REWARD, step, rewards, "reward")
                .mean(OnlineMetrics.OWN_REWARD, step, ownRewards, "reward")
                .mean(OnlineMetrics.KL, step, ratios, "nats")
                .mean(OnlineMetrics.VALUE, step, regularised, "reward")
                .mean(OnlineMetrics.WIN_RATE, step, wins, "")
                .mean(OnlineMetrics.ENDED, step, ended, "")
                .mean(OnlineMetrics.LENGTH, step, lengths, "tokens");
        found.add(OnlineMetrics.OPTIMUM_ESTIMATE, step, optimum(owns.responses(), regularised), "reward");
        for (TextScore score : scores) {
            double[] values = Annotator.ofText(score, context.get(base.pairs()).tokenizer())
                    .rewards(responses.sequences());
            found.mean(score.label(), step, values, "");
        }
        addExactDivergence(context, reference, found);
        return found.build((System.nanoTime() - start) / 1e9);
    }

    /** The mean over responses of beta times the logarithm of the mean weight of those to the same prompt. */
    private double optimum(List<SampleRewards.Response> responses, double[] regularised) {
        Map<List<Integer>, List<Double>> byPrompt = new HashMap<>();
        for (int i = 0; i < regularised.length; i++) {
            SampleRewards.Response response = responses.get(i);
            byPrompt.computeIfAbsent(response.tokens().subList(0, response.promptLength()), prompt -> new ArrayList<>())
                    .add(regularised[i]);
        }
        double sum = 0;
        for (List<Double> values : byPrompt.values()) {
            double largest = Collections.max(values);
            double mean = values.stream()
                    .mapToDouble(value -> Math.exp((value - largest) / beta))
                    .average()
                    .orElseThrow();
            sum += values.size() * (largest + beta * Math.log(mean));
        }
        return sum / regularised.length;
    }

    private void addExactDivergence(TaskContext context, Gpt2Policy reference, Measurements.Builder found) {
        StudyData data = context.get(base.pairs());
        int vocabulary = data.tokenizer().vocabulary();
        int longest = measured.sampling().maxNewTokens();
        if (ResponseSpace.size(vocabulary, longest) > LISTED_RESPONSES) {
            return;
        }
        Gpt2Policy policy = context.get(measured.policy());
        Map<List<Integer>, Double> byPrompt = new HashMap<>();
        double[] divergences = measured.of().of(context.get(measured.prompts())).stream()
                .mapToDouble(prompt -> byPrompt.computeIfAbsent(Ints.asList(prompt), key -> ResponseSpace.of(
                                prompt, vocabulary, data.tokenizer().endOfText(), longest)
                        .divergence(policy, reference)))
                .toArray();
        found.mean(OnlineMetrics.EXACT_KL, step, divergences, "nats");
    }

    @Override
    public String label() {
        return "evaluation of " + measured.policy().label();
    }
}
