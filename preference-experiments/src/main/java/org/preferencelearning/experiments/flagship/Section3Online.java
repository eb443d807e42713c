package org.preferencelearning.experiments.flagship;

import static org.preferencelearning.experiments.dsl.Studies.blocks;
import static org.preferencelearning.experiments.dsl.Studies.embeddings;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.onlineStudy;
import static org.preferencelearning.experiments.dsl.Studies.onlyLastBlockMlpAndHead;
import static org.preferencelearning.experiments.dsl.Studies.pkuSafeRlhf10k;
import static org.preferencelearning.experiments.dsl.Studies.pkuSafeRlhfPrompts;
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;
import static org.preferencelearning.experiments.dsl.Studies.pretrainedReward;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.trainedReward;

import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.PromptSpec;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * Section 3's verification at its published size: GPT-2-large, 10,000 prompts, 4 iterations, online DPO against policy
 * gradient under every condition.
 */
public final class Section3Online {
    private static final String SOURCE = "paper, Section 3";

    private Section3Online() {}

    /** The study, with the published checkpoints. */
    public static OnlineStudy study() {
        return onlineStudy("Section 3")
                .model(gpt2("zhezi12138/gpt2-large_sft_model"))
                .data(pkuSafeRlhf10k())
                .oracle(pretrainedReward("Ray2333/gpt2-large-harmless-reward_model"))
                .misspecifiedReward(pretrainedReward("zhezi12138/weak_rm_gpt2-large_harmless"))
                .promptsFrom(pkuSafeRlhfPrompts())
                .asPublished()
                .compare(onlineDpo(), policyGradient())
                .expect(
                        OnlineStudy.better(Condition.POLICY, "policy gradient", "online DPO", SOURCE),
                        OnlineStudy.better(Condition.REWARD, "online DPO", "policy gradient", SOURCE));
    }

    /**
     * The same study on pairs of a file for a laptop: a nano GPT-2, fine-tuned on them, with an oracle and a weak reward model
     * trained on them, and rates that suit few updates. Reconstructed but for its course.
     *
     * @param share of the prompts
     */
    public static OnlineStudy laptop(DatasetSpec data, double share) {
        return study().on(
                        nanoGpt2().fineTuning(settings -> settings.withEpochs(1)
                                .withBatchSize(16, 8)
                                .withLearningRate(1e-3)),
                        data)
                .promptsFrom(new PromptSpec.OfData())
                .maxPromptCharacters(0)
                .oracle(trainedReward(
                        rewardModel()
                                .training(settings -> settings.withEpochs(1).withLearningRate(5e-4)),
                        2000))
                .misspecifiedReward(trainedReward(
                        rewardModel().training(onlyLastBlockMlpAndHead()).training(settings -> settings.withEpochs(1)),
                        200))
                .misspecifiedPolicy(ParameterSelection.frozen(embeddings(), blocks(0, 2)))
                .training(settings -> settings.withBatchSize(8, 8)
                        .withLearningRate(3e-4)
                        .withSchedule(LearningRateSchedule.COSINE, 0))
                .scale(share);
    }

    /** What it costs at most. */
    public static StudyPlan plan() {
        return study().plan(Gpt2Config.large(), 256);
    }
}
