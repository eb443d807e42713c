package org.preferencelearning.experiments.online;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.study.MethodSpec;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.task.Described;
import org.preferencelearning.experiments.world.WorldReward;

/** Who gives rewards. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RewardSpec.World.class, name = "world"),
    @JsonSubTypes.Type(value = RewardSpec.Pretrained.class, name = "pretrained"),
    @JsonSubTypes.Type(value = RewardSpec.Trained.class, name = "trained"),
    @JsonSubTypes.Type(value = RewardSpec.Text.class, name = "text")
})
public sealed interface RewardSpec {
    /**
     * A known function of a generated world's text.
     *
     * @param reward the function
     */
    record World(WorldReward reward) implements RewardSpec {
        public World {
            requireNonNull(reward, "reward");
        }
    }

    /**
     * A user's own function of text.
     *
     * @param score a record
     */
    record Text(TextScore score) implements RewardSpec {
        public Text {
            Described.require("reward", score, TextScore.class);
        }
    }

    /**
     * A reward model that exists.
     *
     * @param source a folder, or a name on the Hub
     */
    record Pretrained(String source) implements RewardSpec {
        public Pretrained {
            requireNonNull(source, "source");
        }
    }

    /**
     * A reward model trained in the study, on its pairs, from its fine-tuned policy. Weak by what it trains, by how few
     * pairs it sees or by noise in their labels.
     *
     * @param method how it is trained
     * @param pairs how many pairs, at least 1
     * @param labelNoise probability with which a pair's labels are swapped, 0 to 0.5
     */
    record Trained(MethodSpec.RewardModelMethod method, int pairs, double labelNoise) implements RewardSpec {
        public Trained {
            requireNonNull(method, "method");
            SettingException.requireAtLeast("pairs", pairs, 1);
            SettingException.require(labelNoise >= 0 && labelNoise <= 0.5, "labelNoise", labelNoise, "0 to 0.5");
        }
    }
}
