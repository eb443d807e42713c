package org.preferencelearning.experiments.flagship;

import static org.preferencelearning.experiments.dsl.Studies.better;
import static org.preferencelearning.experiments.dsl.Studies.dataSizeStudy;
import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.gpt2;
import static org.preferencelearning.experiments.dsl.Studies.nanoGpt2;
import static org.preferencelearning.experiments.dsl.Studies.pkuSafeRlhf10k;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;
import static org.preferencelearning.experiments.dsl.Studies.safer;

import java.util.List;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.study.StudyPlan;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * Section 4's verification at its published size: GPT-2-large, reward model against DPO at 1,000, 2,000, 4,000 and 9,000
 * pairs, seeds 41, 42 and 43, judged by helpfulness and by safety: 48 cells.
 */
public final class Section4DataSize {
    private Section4DataSize() {}

    /** The two studies, of the better and of the safer response. */
    public static List<DataSizeStudy> studies() {
        DataSizeStudy study = dataSizeStudy("Section 4")
                .model(gpt2("zhezi12138/gpt2-large_sft_model"))
                .dataset(pkuSafeRlhf10k())
                .sizes(1000, 2000, 4000, 9000)
                .seeds(41, 42, 43)
                .compare(rewardModel(), dpo());
        return List.of(study.objective(better()), study.objective(safer()));
    }

    /**
     * The same study on pairs of a file for a laptop: a nano GPT-2, fine-tuned on them. Reconstructed but for its course.
     *
     * @param share of the sizes
     */
    public static DataSizeStudy laptop(DatasetSpec data, double share) {
        return studies()
                .get(0)
                .on(
                        nanoGpt2().fineTuning(settings -> settings.withEpochs(1)
                                .withBatchSize(16, 8)
                                .withLearningRate(1e-3)),
                        data)
                .scale(share);
    }

    /** What each of the two costs at most. */
    public static StudyPlan plan() {
        return studies().get(0).plan(Gpt2Config.large());
    }
}
