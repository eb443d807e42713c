package example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.*;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.PairEvaluation;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.datasize.Measure;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.GivenPairs;
import org.preferencelearning.experiments.study.PairLearner;
import org.preferencelearning.experiments.study.PairMethod;
import org.preferencelearning.experiments.study.Study;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.testkit.TextScoreContract;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/** Each part that a user may bring, in a study that is read from JSON and run. */
class OwnPartsTest {
    private static final SparseTextWorld WORLD = new SparseTextWorld(20, 4, 1.5, 3, 8, 7);

    /** How many words a response has. */
    record Length() implements TextScore {
        public String label() {
            return "words";
        }

        public double of(String prompt, String response) {
            return response.strip().split(" ").length;
        }
    }

    @Nested
    class LengthTest extends TextScoreContract {
        protected TextScore score() {
            return new Length();
        }

        protected List<Response> responses() {
            return List.of(new Response("q", " a"), new Response("q", " a b"), new Response("q", ""));
        }
    }

    record MeanMargin() implements Measure {
        public String label() {
            return "margin mean";
        }

        public double of(PairEvaluation evaluation) {
            return Arrays.stream(evaluation.margins()).average().orElseThrow();
        }
    }

    /** Trains nothing worth the name and ranks by length. */
    record Longer() implements PairMethod {
        public String label() {
            return "longer wins";
        }

        public PairLearner learner(Gpt2Policy policy, ReferencePolicy reference, RandomSource random) {
            return new PairLearner(
                    new PreferenceObjective(policy, ReferencePolicy.none(), PreferenceLosses.raft(1)),
                    pairs -> pairs.stream()
                            .mapToDouble(pair -> pair.chosen().responseLength() - pair.rejected().responseLength())
                            .toArray());
        }
    }

    private static DataSizeStudy pairsStudy() {
        return dataSizeStudy("mine")
                .model(gpt2(new Gpt2Config(100, 32, 16, 1, 2, 1e-5, 99)))
                .dataset(sparseTextWorld(WORLD, 60))
                .sizes(16)
                .seeds(1);
    }

    private static StudyResult run(Study study) {
        Study read = StudyJson.read("study.json", StudyJson.write(study));
        assertThat(read).isEqualTo(study);
        return Runners.inMemory().run(read);
    }

    @Test
    void aBetaSweepWithALossOfMyOwn() {
        StudyResult result = run(pairsStudy()
                .compare(dpo().beta(0.05), dpo().beta(0.5), dpo().loss(new MyLossTest.MyLoss(0.1)).named("mine"))
                .maxLength(20));
        assertThat(result.study().coordinates().get(CellId.METHOD))
                .containsExactly("DPO, beta 0.05", "DPO, beta 0.5", "mine");
    }

    @Test
    void aThirdMethodAndAMetric() {
        StudyResult result = run(pairsStudy()
                .compare(rewardModel(), dpo(), method(new Longer()))
                .maxLength(20)
                .measure(validationAccuracy(), new MeanMargin()));
        assertThat(result.value(CellId.method("longer wins"), "margin mean")).isFinite();
    }

    @Test
    void pairsInMemory() {
        List<PreferencePair> pairs = IntStream.range(0, 40)
                .mapToObj(i -> PreferencePair.of("which", i % 2 == 0 ? " a" : " b", " c"))
                .toList();
        DataSizeStudy study = pairsStudy();
        StudyResult result = run(study.on(study.model(), pairs(new GivenPairs("mine", pairs, List.of("which", "a", "b", "c"))))
                .compare(rewardModel().maxLength(8))
                .training(settings -> settings.withEpochs(20).withLearningRate(1e-2)));
        assertThat(result.value(CellId.method("reward model"), "accuracy")).isEqualTo(1);
    }

    @Test
    void aRewardOfMyOwnInAnOnlineStudyThatIsKept(@TempDir Path folder) {
        OnlineStudy study = onlineStudy("mine")
                .model(gpt2(new Gpt2Config(1, 48, 32, 2, 2, 1e-5, 0)))
                .data(sparseTextWorld(WORLD, 100))
                .oracle(new Length())
                .compare(onlineDpo().beta(0.5))
                .under(Condition.NONE)
                .iterations(1)
                .prompts(16, 8)
                .sampling(settings -> settings.withTemperature(1).withMaxNewTokens(10))
                .training(settings -> settings.withBatchSize(8, 8).withSchedule(LearningRateSchedule.COSINE, 0))
                .seeds(1);
        StudyResult first = Runners.local(folder.resolve("run")).run(study);
        Study read = StudyJson.read("study.json", StudyJson.write(study));
        assertThat(Runners.local(folder.resolve("run")).run(read).cells()).isEqualTo(first.cells());
        assertThat(first.value(CellId.method("online DPO"), "reward")).isBetween(1.0, 10.0);
    }
}
