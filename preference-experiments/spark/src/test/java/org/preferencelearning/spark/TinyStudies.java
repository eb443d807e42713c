package org.preferencelearning.spark;

import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;

import java.util.stream.LongStream;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/** Studies of a GPT-2 of one block. */
final class TinyStudies {
    private static final Gpt2Config MODEL = new Gpt2Config(100, 32, 16, 1, 2, 1e-5, 99);

    private TinyStudies() {}

    /** Two methods and so many seeds, on 16 pairs, so many epochs. */
    static DataSizeStudy dataSize(int seeds, int epochs) {
        return dataSizeStudy("pairs")
                .model(gpt2(MODEL))
                .dataset(sparseTextWorld(SparseTextWorld.standard(), 60))
                .sizes(16)
                .seeds(LongStream.rangeClosed(1, seeds).toArray())
                .compare(rewardModel().maxLength(31), dpo().maxLength(31))
                .training(t -> t.withEpochs(epochs).withBatchSize(4, 4).withLearningRate(1e-3))
                .validationShare(0.2)
                .measure(validationAccuracy());
    }

    /** So many cells that cost the same, after one fine-tuning. */
    static DataSizeStudy equalCells(int cells, int epochs) {
        return dataSizeStudy("equal cells")
                .model(gpt2(new Gpt2Config(100, 32, 64, 2, 4, 1e-5, 99)))
                .dataset(sparseTextWorld(SparseTextWorld.standard(), 300))
                .sizes(200)
                .seeds(LongStream.rangeClosed(1, cells).toArray())
                .compare(rewardModel().maxLength(31))
                .training(t -> t.withEpochs(epochs).withBatchSize(32, 32).withLearningRate(1e-3))
                .validationShare(0.2)
                .measure(validationAccuracy());
    }

    /** Two methods, two iterations, more prompts than are sampled at once. */
    static OnlineStudy online(int prompts) {
        return onlineStudy("online")
                .model(gpt2(MODEL))
                .data(sparseTextWorld(SparseTextWorld.standard(), 100))
                .compare(onlineDpo(), policyGradient())
                .under(Condition.NONE)
                .iterations(2)
                .prompts(prompts, 8)
                .sampling(s -> s.withTemperature(1).withTopK(0).withMaxNewTokens(4))
                .training(t -> t.withEpochs(1)
                        .withBatchSize(32, 32)
                        .withLearningRate(1e-3)
                        .withSchedule(LearningRateSchedule.COSINE, 0))
                .seeds(1);
    }
}
