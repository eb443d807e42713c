package org.preferencelearning.experiments.flagship;

import static org.preferencelearning.experiments.dsl.Studies.blocks;
import static org.preferencelearning.experiments.dsl.Studies.embeddings;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.offlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;
import static org.preferencelearning.experiments.dsl.Studies.sparseTextWorld;

import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * Section 3's verification in a world whose truth is known, for a laptop: three arms under four conditions with a nano
 * GPT-2. Reconstructed: the world, the model and the scale are this project's.
 */
public final class KnownWorldOnline {
    private static final double BETA = 0.5;
    private static final String SOURCE = "paper, Section 3; world reconstructed";

    private KnownWorldOnline() {}

    /**
     * The study. Policies write no more words than the world's longest response has, so that the optimum against the world's
     * own text bounds them but for what the fine-tuned policy differs from that text.
     */
    public static OnlineStudy study() {
        SparseTextWorld world = SparseTextWorld.standard();
        Gpt2Config config = new Gpt2Config(1, 64, 64, 4, 4, 1e-5, 0);
        return onlineStudy("known world")
                .model(gpt2(config))
                .data(sparseTextWorld(world, 2000))
                .fineTuning(settings -> settings.withEpochs(4)
                        .withBatchSize(32, 32)
                        .withLearningRate(2e-3)
                        .withSchedule(LearningRateSchedule.COSINE, 10))
                .misspecifiedPolicy(ParameterSelection.frozen(embeddings(), blocks(0, 3)))
                .compare(
                        onlineDpo().beta(BETA),
                        policyGradient().beta(BETA),
                        offlineDpo().beta(BETA))
                .iterations(24)
                .prompts(256, 200)
                .sampling(settings -> settings.withTemperature(1).withTopK(0).withMaxNewTokens(world.maxLength()))
                .training(settings -> settings.withEpochs(2)
                        .withBatchSize(32, 32)
                        .withLearningRate(5e-4)
                        .withSchedule(LearningRateSchedule.COSINE, 4))
                .expect(
                        OnlineStudy.sameValue(Condition.NONE, "policy gradient", "online DPO", 0.5, SOURCE),
                        OnlineStudy.higherValue(Condition.POLICY, "policy gradient", "online DPO", SOURCE),
                        OnlineStudy.higherValue(Condition.REWARD, "online DPO", "policy gradient", SOURCE),
                        OnlineStudy.higherValue(Condition.NONE, "online DPO", "offline DPO", SOURCE));
    }
}
