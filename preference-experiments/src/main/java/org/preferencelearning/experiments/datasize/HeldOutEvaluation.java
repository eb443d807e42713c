package org.preferencelearning.experiments.datasize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.train.BestModel;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.core.train.PairObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.tasks.Training;

/** Evaluates a cell on the held-out pairs when it is due, and remembers what counts: the best evaluation, or the last. */
final class HeldOutEvaluation implements Training.Observer, AutoCloseable {
    private static final int BATCH = 64;

    private final PairObjective<?> objective;
    private final List<TokenPair> heldOut;
    private final EvaluationSpec when;
    private final List<Measure> measures;
    private final BestModel best;
    private final List<Evaluation> evaluations = new ArrayList<>();
    private double[] margins = {};
    private int counting;

    HeldOutEvaluation(
            PairObjective<?> objective, List<TokenPair> heldOut, EvaluationSpec when, List<Measure> measures) {
        this.objective = objective;
        this.heldOut = heldOut;
        this.when = when;
        this.measures = measures;
        this.best = new BestModel(objective.model().parameters());
    }

    private record Evaluation(long step, double loss, double accuracy) {
        double of(Measure measure) {
            return measure == Measure.VALIDATION_LOSS ? loss : accuracy;
        }
    }

    @Override
    public void onStep(StepReport report) {
        if (!when.isDue(report.step(), report.totalSteps())) {
            return;
        }
        PairEvaluation found = objective.evaluatePairs(heldOut, BATCH);
        evaluations.add(new Evaluation(report.step(), found.loss(), found.accuracy()));
        if (!when.keepBest() || best.offer(found.loss())) {
            margins = found.margins();
            counting = evaluations.size() - 1;
        }
    }

    /** Loss and accuracy at every evaluation; at the end the measures those of the model that counts, with each pair's margin. */
    void addTo(Measurements.Builder found) {
        for (Evaluation evaluation : evaluations) {
            found.add("evaluated_loss", evaluation.step(), evaluation.loss(), "");
            found.add("evaluated_accuracy", evaluation.step(), evaluation.accuracy(), "");
        }
        Evaluation counts = evaluations.get(counting);
        measures.forEach(measure -> found.add(measure.label(), counts.step(), counts.of(measure), ""));
        found.items("margin", margins);
        if (measures.contains(Measure.VALIDATION_ACCURACY)) {
            found.items(
                    Measure.VALIDATION_ACCURACY.label(),
                    Arrays.stream(margins).map(margin -> margin > 0 ? 1 : 0).toArray());
        }
    }

    @Override
    public void save(StateWriter writer) {
        writer.reals("steps", evaluations.stream().mapToDouble(Evaluation::step).toArray());
        writer.reals("loss", evaluations.stream().mapToDouble(Evaluation::loss).toArray());
        writer.reals(
                "accuracy",
                evaluations.stream().mapToDouble(Evaluation::accuracy).toArray());
        writer.reals("margins", margins);
        writer.whole("counting", counting);
        best.save(writer.child("best"));
    }

    @Override
    public void load(StateReader reader) {
        double[] steps = reader.reals("steps");
        double[] losses = reader.reals("loss");
        double[] accuracies = reader.reals("accuracy");
        evaluations.clear();
        for (int i = 0; i < steps.length; i++) {
            evaluations.add(new Evaluation((long) steps[i], losses[i], accuracies[i]));
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
