package org.preferencelearning.core.train;

import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training, an update at a time: shuffle, accumulate, clip, step. Between updates it can be saved, and a fresh run of the
 * same model, examples, settings and seed that loads the state goes on with the same bits.
 *
 * <p>Equal settings, examples, initial parameters and seed give equal results. Metrics of a step are those of its batch
 * before the update, and the gradient norm is the accumulated one before clipping.
 *
 * <p>Not thread-safe. Owns the optimiser's moments until closed; the model is the caller's.
 *
 * @param <E> one example
 */
public final class TrainingRun<E> implements Stateful, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private final TrainingObjective<E> objective;
    private final List<E> examples;
    private final TrainingSettings settings;
    private final ParameterStore parameters;
    private final AdamW optimizer;
    private final Stateful ofObjective;
    private final Supplier<String> fingerprint;
    private final RandomSource order;
    private final byte[] seeded;
    private final long total;
    private final Metrics epochMetrics = new Metrics();
    private long checksum;
    private int epoch;
    private int position;
    /** Of the examples in this epoch; null at its start, when it has not been drawn. */
    private int @Nullable [] permutation;
    /** The generator of the order as it was before it drew this epoch's. */
    private byte[] beforeEpoch;

    private double seconds;
    private boolean broken;

    private TrainingRun(
            TrainingObjective<E> objective, List<E> examples, TrainingSettings settings, RandomSource random) {
        this.objective = objective;
        this.examples = ImmutableList.copyOf(examples);
        this.settings = settings;
        this.parameters = objective.model().parameters();
        this.fingerprint =
                Suppliers.memoize(() -> objective.fingerprint(this.examples).toString());
        this.order = random.stream("order");
        this.seeded = order.state();
        this.beforeEpoch = seeded;
        this.total = settings.totalSteps(examples.size());
        this.ofObjective = objective.state(this.examples);
        parameters.clearGradients();
        this.checksum = parameters.checksum();
        this.optimizer = new AdamW(parameters, settings.adam(), settings.weightDecay(), settings.momentPrecision());
    }

    /**
     * Begins a training of {@code objective}'s model. All that can be known to be wrong with it is found here, before any
     * work.
     *
     * @param examples at least one
     * @param random whose stream {@code order} gives the order of the examples; nothing is drawn from it
     * @throws SettingException if there are no examples, the learning rate is 0, no update would come after the warm-up, or the
     *     batches of an objective that compares their examples would be evaluated in parts
     * @throws ExampleException if an example is longer than the model's longest sequence, or otherwise nothing to train on
     */
    public static <E> TrainingRun<E> start(
            TrainingObjective<E> objective, List<E> examples, TrainingSettings settings, RandomSource random) {
        SettingException.require(!examples.isEmpty(), "examples", "empty", "at least one example");
        settings.requireMoves(examples.size());
        SettingException.require(
                !objective.batchWise() || settings.microBatchSize() >= Math.min(settings.batchSize(), examples.size()),
                "microBatchSize",
                settings.microBatchSize(),
                "the batch size, " + settings.batchSize() + ": '" + objective.description()
                        + "' compares the examples of a batch");
        for (int i = 0; i < examples.size(); i++) {
            try {
                objective.check(examples.get(i));
            } catch (PreferenceException e) {
                throw new ExampleException(i, examples.size(), e);
            }
        }
        return new TrainingRun<>(objective, examples, settings, random);
    }

    /** Whether every update has been made. */
    public boolean done() {
        return epoch == settings.epochs();
    }

    /** Number of updates made, by the run that this one goes on from too. */
    public long stepsMade() {
        return optimizer.steps();
    }

    /** Number of updates of the whole run. */
    public long totalSteps() {
        return total;
    }

    /** Seconds spent in updates, by the run that this one goes on from too. */
    public double seconds() {
        return seconds;
    }

    /** Metrics over all updates of the epoch that the last update belongs to; empty before the first. */
    public Map<String, Double> epochMetrics() {
        return epochMetrics.values();
    }

    /**
     * Makes one update.
     *
     * @throws TrainingException if a loss or gradient is not finite, or the first gradient is exactly 0; nothing more can be
     *     done with this run then
     * @throws IllegalStateException if the run is done
     */
    public StepReport step() {
        requireSound();
        if (done()) {
            throw new IllegalStateException("all " + total + " updates have been made");
        }
        long start = System.nanoTime();
        broken = true;
        parameters.deferGradients(settings.microBatchSize() >= settings.batchSize());
        StepReport report;
        try {
            report = update(nextBatch());
        } finally {
            parameters.deferGradients(false);
        }
        broken = false;
        seconds += (System.nanoTime() - start) / 1e9;
        if (report.unmoved()) {
            LOG.warn(
                    "{} updates have left every trained parameter as it was: the learning rate of {} is too small, or no"
                            + " gradient reaches them",
                    total,
                    settings.learningRate());
        }
        return report;
    }

    private void requireSound() {
        if (broken) {
            throw new IllegalStateException(
                    "this run failed after " + optimizer.steps() + " updates; load a saved state into a fresh one");
        }
    }

    private List<E> nextBatch() {
        if (permutation == null) {
            permutation = order.permutation(examples.size());
            epochMetrics.clear();
        }
        int end = position + Math.min(settings.batchSize(), permutation.length - position);
        List<E> batch = new ArrayList<>(end - position);
        for (int i = position; i < end; i++) {
            batch.add(examples.get(permutation[i]));
        }
        position = end;
        return batch;
    }

    private StepReport update(List<E> batch) {
        int step = optimizer.steps();
        Metrics metrics = accumulate(batch);
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
        epochMetrics.addAll(metrics);
        Map<String, Double> values = new LinkedHashMap<>(metrics.values());
        values.put(MetricNames.GRAD_NORM, norm);
        values.put(MetricNames.LEARNING_RATE, rate);
        values.put(MetricNames.EPOCH, epoch + position / (double) examples.size());
        values.put(MetricNames.GLOBAL_STEP, step + 1.0);
        if (position == examples.size()) {
            epoch++;
            position = 0;
            permutation = null;
            beforeEpoch = order.state();
        }
        return new StepReport(step + 1L, total, values, done() && parameters.checksum() == checksum);
    }

    /** Adds the gradient of the batch's mean loss, a micro-batch of examples of similar length at a time. */
    private Metrics accumulate(List<E> batch) {
        double weight = batch.stream().mapToDouble(objective::weight).sum();
        int size = Math.min(batch.size(), settings.microBatchSize());
        List<E> byLength = new ArrayList<>(batch);
        if (size < batch.size()) {
            byLength.sort(Comparator.comparingInt(objective::length));
        }
        Metrics metrics = new Metrics();
        for (List<E> part : Lists.partition(byLength, size)) {
            metrics.addAll(objective.accumulate(part, 1 / weight));
        }
        return metrics;
    }

    @Override
    public void save(StateWriter writer) {
        requireSound();
        writer.text("settings", settings.toString());
        writer.text("objective", objective.description());
        writer.text("examples", fingerprint.get());
        writer.bytes("seed", seeded);
        writer.whole("epoch", epoch);
        writer.whole("position", position);
        writer.bytes("order", beforeEpoch);
        writer.whole("checksum", checksum);
        writer.real("seconds", seconds);
        writer.texts("gradients", gradientArrays());
        epochMetrics.save(writer.child("metrics"));
        objective.model().trainingState().save(writer.child("model"));
        ofObjective.save(writer.child("objective"));
        optimizer.save(writer.child("adamw"));
        parameters.trained().forEach(parameter -> writer.child("parameters")
                .tensor(parameter.name(), parameter.readValue()));
    }

    /**
     * Goes on where the saved run was. Its model must be as freshly made as this one's: built alike, and not trained before.
     *
     * @throws org.preferencelearning.core.state.StateException if the state is of a run with another model, other examples,
     *     settings, objective or seed; this run and its model cannot be used then
     * @throws IllegalStateException if this run has made an update
     */
    @Override
    public void load(StateReader reader) {
        requireSound();
        if (optimizer.steps() > 0) {
            throw new IllegalStateException(
                    "this run has made " + optimizer.steps() + " updates; load into a fresh one");
        }
        broken = true;
        reader.requireText("settings", settings.toString(), "the settings");
        reader.requireText("objective", objective.description(), "the objective");
        reader.requireText("examples", fingerprint.get(), "examples of fingerprint");
        if (!Arrays.equals(reader.bytes("seed"), seeded)) {
            throw reader.fault("seed", "the state is of a run with another seed");
        }
        epoch = natural(reader, "epoch", settings.epochs());
        position = natural(reader, "position", epoch == settings.epochs() ? 0 : examples.size() - 1);
        beforeEpoch = reader.bytes("order");
        restoreOrder(reader);
        checksum = reader.whole("checksum");
        seconds = reader.real("seconds");
        epochMetrics.load(reader.child("metrics"));
        objective.model().trainingState().load(reader.child("model"));
        ofObjective.load(reader.child("objective"));
        restoreGradientArrays(reader);
        optimizer.load(reader.child("adamw"));
        long steps = settings.totalSteps(examples.size()) / settings.epochs() * epoch + position / settings.batchSize();
        if (position % settings.batchSize() != 0 || optimizer.steps() != steps) {
            throw reader.fault(
                    "position",
                    "after " + optimizer.steps() + " updates it is " + position + " in epoch " + epoch
                            + ", which cannot be");
        }
        parameters.trained().forEach(parameter -> reader.child("parameters")
                .tensor(parameter.name(), parameter.value()));
        broken = false;
    }

    private static int natural(StateReader reader, String name, int most) {
        long value = reader.whole(name);
        if (value < 0 || value > most) {
            throw reader.fault(name, "it is " + value + "; allowed: 0 to " + most);
        }
        return (int) value;
    }

    private void restoreOrder(StateReader reader) {
        try {
            order.restore(beforeEpoch);
        } catch (PreferenceException | IllegalStateException e) {
            throw reader.fault("order", String.valueOf(e.getMessage()));
        }
        permutation = position > 0 ? order.permutation(examples.size()) : null;
    }

    /**
     * Parameters whose gradient has an array of its own. A norm is computed from the others' factors, and rounds otherwise.
     */
    private List<String> gradientArrays() {
        return parameters.trained().stream()
                .filter(Parameter::hasGradientArray)
                .map(Parameter::name)
                .toList();
    }

    private void restoreGradientArrays(StateReader reader) {
        List<String> saved = reader.texts("gradients");
        parameters.trained().stream()
                .filter(parameter -> saved.contains(parameter.name()))
                .forEach(Parameter::gradient);
        if (!saved.equals(gradientArrays())) {
            throw reader.fault(
                    "gradients",
                    "they are of other parameters than those of this model, which may have been" + " trained before: "
                            + saved);
        }
    }

    /** Frees the optimiser's moments; the model stays. */
    @Override
    public void close() {
        broken = true;
        optimizer.close();
    }
}
