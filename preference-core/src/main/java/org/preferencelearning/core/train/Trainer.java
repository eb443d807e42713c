package org.preferencelearning.core.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.random.RandomSource;

/**
 * The training loop: shuffle, accumulate, clip, step.
 *
 * <p>Equal settings, examples and initial parameters give equal results. Metrics of a step are those of its batch before
 * the update, and the gradient norm is the accumulated one before clipping.
 */
public final class Trainer {
    private Trainer() {}

    /**
     * Trains {@code objective}'s model.
     *
     * @param examples at least one
     * @return the report of the last step
     * @throws TrainingException if a loss or gradient is not finite, or the first gradient is exactly 0
     */
    public static <E> StepReport train(
            TrainingObjective<E> objective, List<E> examples, TrainingSettings settings, TrainingListener listener) {
        SettingException.require(!examples.isEmpty(), "examples", "empty", "at least one example");
        ParameterStore parameters = objective.model().parameters();
        RandomSource random = RandomSource.of(settings.seed()).stream("order");
        long total = settings.totalSteps(examples.size());
        StepReport report = null;
        parameters.clearGradients();
        parameters.deferGradients(settings.microBatchSize() >= settings.batchSize());
        try (AdamW optimizer =
                new AdamW(parameters, settings.adam(), settings.weightDecay(), settings.momentPrecision())) {
            for (int epoch = 0; epoch < settings.epochs(); epoch++) {
                int[] order = random.permutation(examples.size());
                for (int start = 0; start < order.length; start += settings.batchSize()) {
                    int end = Math.min(order.length, start + settings.batchSize());
                    List<E> batch = new ArrayList<>(end - start);
                    for (int i = start; i < end; i++) {
                        batch.add(examples.get(order[i]));
                    }
                    double epochs = epoch + end / (double) order.length;
                    report = step(objective, batch, settings, optimizer, total, epochs);
                    listener.onStep(report);
                }
            }
        } finally {
            parameters.deferGradients(false);
        }
        return report;
    }

    private static <E> StepReport step(
            TrainingObjective<E> objective,
            List<E> batch,
            TrainingSettings settings,
            AdamW optimizer,
            long total,
            double epochs) {
        ParameterStore parameters = objective.model().parameters();
        int step = optimizer.steps();
        Metrics metrics = accumulate(objective, batch, settings.microBatchSize());
        double norm = GradientClipping.norm(parameters);
        double loss = metrics.value(MetricNames.LOSS);
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new TrainingException(
                    "step " + (step + 1) + ": loss " + loss + ", gradient norm " + norm + "; both must be finite");
        }
        if (step == 0 && norm == 0) {
            throw new TrainingException("step 1: the gradient is exactly 0; is every parameter that the loss depends on"
                    + " frozen, or are chosen and rejected equal?");
        }
        double rate = settings.learningRate() * settings.schedule().factor(step, settings.warmupSteps(), total);
        optimizer.step(rate, GradientClipping.factor(norm, settings.maxGradientNorm()));
        Map<String, Double> values = new LinkedHashMap<>(metrics.values());
        values.put(MetricNames.GRAD_NORM, norm);
        values.put(MetricNames.LEARNING_RATE, rate);
        values.put(MetricNames.EPOCH, epochs);
        return new StepReport(step + 1L, total, values);
    }

    /** Adds the gradient of the batch's mean loss, a micro-batch of examples of similar length at a time. */
    private static <E> Metrics accumulate(TrainingObjective<E> objective, List<E> batch, int microBatchSize) {
        double weight = batch.stream().mapToDouble(objective::weight).sum();
        List<E> byLength = new ArrayList<>(batch);
        if (microBatchSize < batch.size()) {
            byLength.sort(Comparator.comparingInt(objective::length));
        }
        Metrics metrics = new Metrics();
        for (int start = 0; start < batch.size(); start += microBatchSize) {
            List<E> part = byLength.subList(start, Math.min(batch.size(), start + microBatchSize));
            metrics.addAll(objective.accumulate(part, 1 / weight));
        }
        return metrics;
    }

    /** Metrics over {@code examples} without training, {@code batchSize} at a time. */
    public static <E> Metrics evaluate(TrainingObjective<E> objective, List<E> examples, int batchSize) {
        Metrics metrics = new Metrics();
        for (int start = 0; start < examples.size(); start += batchSize) {
            metrics.addAll(objective.evaluate(examples.subList(start, Math.min(examples.size(), start + batchSize))));
        }
        return metrics;
    }
}
