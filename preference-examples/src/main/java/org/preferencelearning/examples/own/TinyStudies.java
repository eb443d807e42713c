package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;

import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/** What the examples have in common: a world and a GPT-2 small enough for seconds. */
final class TinyStudies {
    private static final ModelSpec MODEL = gpt2(new Gpt2Config(1, 48, 32, 2, 2, 1e-5, 0));
    private static final SparseTextWorld WORLD = new SparseTextWorld(20, 4, 1.5, 3, 8, 7);

    private TinyStudies() {}

    /** Methods that learn from pairs. */
    static DataSizeStudy pairs(String name, MethodSpec... methods) {
        return dataSizeStudy(name)
                .model(MODEL)
                .dataset(sparseTextWorld(WORLD, 300))
                .fineTuning(
                        settings -> settings.withEpochs(2).withBatchSize(32, 32).withLearningRate(3e-3))
                .sizes(64)
                .seeds(1, 2)
                .compare(methods)
                .maxLength(16)
                .training(settings -> settings.withEpochs(6).withLearningRate(3e-3));
    }

    /** Policies that learn from their own annotated responses. */
    static OnlineStudy online(String name) {
        return onlineStudy(name)
                .model(MODEL)
                .data(sparseTextWorld(WORLD, 300))
                .fineTuning(
                        settings -> settings.withEpochs(2).withBatchSize(32, 32).withLearningRate(3e-3))
                .under(Condition.NONE)
                .iterations(2)
                .prompts(64, 40)
                .sampling(settings -> settings.withTemperature(1).withTopK(0).withMaxNewTokens(10))
                .training(settings -> settings.withBatchSize(16, 16)
                        .withLearningRate(2e-3)
                        .withEpochs(2)
                        .withSchedule(LearningRateSchedule.COSINE, 0))
                .seeds(1, 2);
    }
}
