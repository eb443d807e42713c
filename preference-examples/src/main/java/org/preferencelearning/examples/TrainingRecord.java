package org.preferencelearning.examples;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.TrainingException;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.run.TrackedTrainer;

/**
 * What a command tells of its training.
 *
 * @param steps updates
 * @param warmupSteps of them, with a rising rate
 * @param moved whether any weight changed
 * @param last metrics of the last update
 */
record TrainingRecord(long steps, double warmupSteps, boolean moved, Map<String, Double> last) {
    /**
     * Trains.
     *
     * @throws TrainingException if a weight is not finite at the end, so that the model is not worth saving
     */
    static <E> TrainingRecord of(
            String name,
            TrainingObjective<E> objective,
            List<E> examples,
            TrainingSettings settings,
            RandomSource random,
            ConsoleProgress progress,
            Output output) {
        StepReport[] reports = new StepReport[1];
        new TrackedTrainer(progress).train(name, objective, examples, settings, random, report -> reports[0] = report);
        objective.model().parameters().trained().forEach(TrainingRecord::requireFinite);
        StepReport last = reports[0];
        if (last.unmoved()) {
            output.warning("no weight changed in " + last.step() + " updates at a learning rate of at most "
                    + settings.learningRate() + ": the trained model is the one that it started from");
        }
        return new TrainingRecord(last.step(), settings.warmupSteps(), !last.unmoved(), last.metrics());
    }

    private static void requireFinite(Parameter parameter) {
        MatchCondition count = new MatchCondition(parameter.value(), Conditions.notFinite());
        if (Nd4j.getExecutioner().exec(count).getLong(0) > 0) {
            throw new TrainingException(
                    "after the last update, weights of '" + parameter.name() + "' are not finite; nothing is saved");
        }
    }
}
