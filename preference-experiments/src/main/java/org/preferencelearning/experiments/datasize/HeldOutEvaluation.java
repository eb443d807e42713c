package org.preferencelearning.experiments.datasize;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.train.BestModel;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.experiments.internal.tasks.Training;
import org.preferencelearning.experiments.study.Measurements;

/** Evaluates a cell on the held-out pairs when it is due, and remembers what counts: the best evaluation, or the last. */
final class HeldOutEvaluation implements Training.Observer, AutoCloseable {
    private final Supplier<PairEvaluation> evaluate;
    private final EvaluationSpec when;
    private final List<Measure> measures;
    private final BestModel best;
    private final List<Evaluation> evaluations = new ArrayList<>();
    private double[] margins = {};
    private double[][] items;
    private int counting;

    /**
     * @param model what is trained
     * @param evaluate asks it about the held-out pairs
     */
    HeldOutEvaluation(Trainable model, Supplier<PairEvaluation> evaluate, EvaluationSpec when, List<Measure> measures) {
        this.evaluate = evaluate;
        this.when = when;
        this.measures = measures;
        this.best = new BestModel(model.parameters());
        this.items = new double[measures.size()][0];
    }

    private record Evaluation(long step, double loss, double accuracy, double[] measured) {}

    @Override
    public void onStep(StepReport report) {
        if (!when.isDue(report.step(), report.totalSteps())) {
            return;
        }
        PairEvaluation found = evaluate.get();
        double[] measured =
                measures.stream().mapToDouble(measure -> value(measure, found)).toArray();
        evaluations.add(new Evaluation(report.step(), found.loss(), found.accuracy(), measured));
        if (!when.keepBest() || best.offer(found.loss())) {
            margins = found.margins();
            items = measures.stream().map(measure -> measure.items(found)).toArray(double[][]::new);
            counting = evaluations.size() - 1;
        }
    }

    private static double value(Measure measure, PairEvaluation found) {
        double value = measure.of(found);
        SettingException.require(Double.isFinite(value), measure.label(), value, "a finite number");
        return value;
    }

    /** Loss and accuracy at every evaluation; at the end the measures those of the model that counts, with each pair's margin. */
    void addTo(Measurements.Builder found) {
        for (Evaluation evaluation : evaluations) {
            found.add("evaluated_loss", evaluation.step(), evaluation.loss(), "");
            found.add("evaluated_accuracy", evaluation.step(), evaluation.accuracy(), "");
        }
        Evaluation counts = evaluations.get(counting);
        for (int i = 0; i < items.length; i++) {
            found.add(measures.get(i).label(), counts.step(), counts.measured()[i], "");
        }
        found.items("margin", margins);
        for (int i = 0; i < items.length; i++) {
            if (items[i].length > 0) {
                found.items(measures.get(i).label(), items[i]);
            }
        }
    }

    @Override
    public void save(StateWriter writer) {
        writer.reals("steps", evaluations.stream().mapToDouble(Evaluation::step).toArray());
        writer.reals("loss", evaluations.stream().mapToDouble(Evaluation::loss).toArray());
        writer.reals(
                "accuracy",
                evaluations.stream().mapToDouble(Evaluation::accuracy).toArray());
        for (int i = 0; i < items.length; i++) {
            int measure = i;
            writer.reals(
                    "measured" + i,
                    evaluations.stream()
                            .mapToDouble(one -> one.measured()[measure])
                            .toArray());
            writer.reals("items" + i, items[i]);
        }
        writer.reals("margins", margins);
        writer.whole("counting", counting);
        best.save(writer.child("best"));
    }

    @Override
    public void load(StateReader reader) {
        double[] steps = reader.reals("steps");
        double[] losses = reader.reals("loss");
        double[] accuracies = reader.reals("accuracy");
        double[][] measured = new double[items.length][];
        for (int i = 0; i < items.length; i++) {
            measured[i] = reader.reals("measured" + i);
            items[i] = reader.reals("items" + i);
        }
        evaluations.clear();
        for (int i = 0; i < steps.length; i++) {
            double[] values = new double[items.length];
            for (int j = 0; j < values.length; j++) {
                values[j] = measured[j][i];
            }
            evaluations.add(new Evaluation((long) steps[i], losses[i], accuracies[i], values));
        }
        margins = reader.reals("margins");
        counting = (int) reader.whole("counting");
        best.load(reader.child("best"));
    }

    @Override
    public void close() {
        best.close();
    }
}
