package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.internal.tasks.LoadPairs;
import org.preferencelearning.experiments.internal.tasks.Models;
import org.preferencelearning.experiments.internal.tasks.StudyData;
import org.preferencelearning.experiments.internal.tasks.TrainReward;
import org.preferencelearning.experiments.study.DatasetSpec;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;

/**
 * Makes a reward ready to be asked. Not kept: what it is made of is.
 *
 * @param reward which
 * @param weights SHA-256 of a reward model that exists; empty for others
 * @param pairs the study's pairs, whose tokenizer and world it uses
 * @param model the task that trains it, where it is trained
 */
record PrepareReward(RewardSpec reward, String weights, LoadPairs pairs, List<TrainReward> model)
        implements Task<Judge> {
    PrepareReward {
        requireNonNull(reward, "reward");
        requireNonNull(weights, "weights");
        requireNonNull(pairs, "pairs");
        model = ImmutableList.copyOf(model);
        SettingException.require(
                !(reward instanceof RewardSpec.World) || pairs.data() instanceof DatasetSpec.World,
                "reward",
                reward,
                "a world's reward on a world's data alone");
    }

    @Override
    public Judge run(TaskContext context) {
        StudyData data = context.get(pairs);
        if (reward instanceof RewardSpec.World world) {
            return new Judge(
                    Annotator.ofWorld(((DatasetSpec.World) pairs.data()).world(), world.reward(), data.tokenizer()),
                    List.of());
        }
        if (reward instanceof RewardSpec.Text text) {
            return new Judge(Annotator.ofText(text.score(), data.tokenizer()), List.of());
        }
        if (reward instanceof RewardSpec.Pretrained pretrained) {
            Gpt2RewardModel existing =
                    new Models(context.progress()).rewardModel(pretrained.source(), data.tokenizer());
            return new Judge(annotator(existing, data), List.of(existing));
        }
        return new Judge(annotator(context.get(model.get(0)), data), List.of());
    }

    /** Where each word is a token, there are no blanks to encode again. */
    private Annotator annotator(Gpt2RewardModel rewards, StudyData data) {
        return pairs.wordsAreTokens()
                ? Annotator.ofTokens(rewards, data.tokenizer())
                : Annotator.ofModel(rewards, data.tokenizer());
    }

    @Override
    public Codec<Judge> codec() {
        return Codec.none();
    }

    @Override
    public String label() {
        return "reward";
    }
}
