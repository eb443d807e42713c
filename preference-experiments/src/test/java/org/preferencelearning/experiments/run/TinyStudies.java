package org.preferencelearning.experiments.run;

import static org.preferencelearning.experiments.dsl.Studies.blocks;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.embeddings;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;
import static org.preferencelearning.experiments.dsl.Studies.trainedReward;
import static org.preferencelearning.experiments.dsl.Studies.validationAccuracy;
import static org.preferencelearning.experiments.dsl.Studies.validationLoss;

import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterSelection;

/** Studies that take a second. */
final class TinyStudies {
    static final Gpt2Config MODEL = new Gpt2Config(100, 32, 16, 1, 2, 1e-5, 99);

    private TinyStudies() {}

    /** Two methods, two sizes, two seeds, on 48 pairs and 12 held-out ones. */
    static DataSizeStudy dataSize() {
        return dataSizeStudy("tiny")
                .model(gpt2(MODEL))
                .dataset(sparseTextWorld(SparseTextWorld.standard(), 60))
                .sizes(8, 16)
                .seeds(1, 2)
                .compare(rewardModel().maxLength(31), dpo().maxLength(31))
                .training(t -> t.withEpochs(1).withLearningRate(1e-3))
                .validationShare(0.2)
                .measure(validationAccuracy(), validationLoss());
    }

    /** Two methods under two conditions with a trained mis-specified reward, two iterations, one seed. */
    static OnlineStudy online() {
        return onlineStudy("tiny online")
                .model(gpt2(MODEL))
                .data(sparseTextWorld(SparseTextWorld.standard(), 100))
                .misspecifiedReward(trainedReward(rewardModel().training(t -> t.withEpochs(1)), 20))
                .misspecifiedPolicy(ParameterSelection.frozen(embeddings(), blocks(0, 1)))
                .compare(onlineDpo(), policyGradient())
                .under(Condition.NONE, Condition.REWARD)
                .iterations(2)
                .prompts(16, 8)
                .sampling(s -> s.withTemperature(1).withTopK(0).withMaxNewTokens(8))
                .training(t -> t.withEpochs(1)
                        .withBatchSize(4, 4)
                        .withLearningRate(1e-3)
                        .withSchedule(LearningRateSchedule.COSINE, 0))
                .seeds(1);
    }
}
