package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.LossMath;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.online.Condition;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.StudyJson;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.hub.DownloadListener;
import org.preferencelearning.gpt2.hub.HubSettings;
import org.preferencelearning.gpt2.hub.HuggingFaceHub;
import org.preferencelearning.gpt2.hub.ModelSource;
import org.preferencelearning.gpt2.model.Gpt2Plan;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.testkit.PreferenceLossContract;

/** The code of the README and of {@code docs/library.md}, compiled and run, and their commands. */
class ReadmeTest {
    record MyLoss(double beta) implements PreferenceLoss {
        @Override
        public String name() {
            return "sigmoid";
        }

        @Override
        public SDVariable perPair(PreferenceBatch batch) {
            return LossMath.logSigmoid(batch.logRatioMargin().mul(beta)).neg();
        }
    }

    @Nested
    class MyLossTest extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss(double beta) {
            return new MyLoss(beta);
        }
    }

    @Test
    void theStudyIsAValue() {
        DataSizeStudy study = dataSizeStudy("rm-against-dpo")
                .model(nanoGpt2())
                .dataset(hhRlhf(Path.of("harmless-base.jsonl.gz")))
                .sizes(250, 500, 1000)
                .seeds(41, 42, 43)
                .compare(rewardModel(), dpo().beta(0.1))
                .measure(validationAccuracy());
        assertThat(study.coordinates()).containsOnlyKeys("method", "size", "seed");
        assertThat(StudyJson.read("README", StudyJson.write(study))).isEqualTo(study);
    }

    @Test
    void theOnlineStudyIsAValue() {
        OnlineStudy study = onlineStudy("policy mis-specification")
                .model(gpt2("path/or/hub/id"))
                .data(hhRlhf(Path.of("harmless-base.jsonl.gz")))
                .oracle(pretrainedReward("Ray2333/gpt2-large-harmless-reward_model"))
                .misspecifiedPolicy(ParameterSelection.frozen(embeddings(), blocks(0, 15)))
                .compare(onlineDpo(), policyGradient())
                .under(Condition.NONE, Condition.POLICY)
                .expect(better(Condition.POLICY, "policy gradient", "online DPO", "paper, Section 3"));
        assertThat(study.claims()).hasSize(1);
        assertThat(StudyJson.read("README", StudyJson.write(study))).isEqualTo(study);
    }

    @Test
    void theExactStudyAnswersItsClaim() {
        ExactStudy study = exactStudy("DPO cannot leave the uniform policy", 0.2, 1, 1, 0)
                .policies(linearIn(new double[][] {{1}, {-1}, {0}}))
                .rewards(all())
                .compare(rlhf(), populationDpo(), onlineDpo(pilaf()))
                .expect(better("RLHF", "DPO", "paper, Section 3"));
        StudyResult result = Runners.inMemory().run(study);
        assertThat(result.judgements().get(0).verdict()).isEqualTo(Verdict.SUPPORTED);
    }

    /** The README's model example, on a small model in a folder. */
    @Test
    void aModelIsLoadedSampledAndSaved(@TempDir Path work) {
        Path source = work.resolve("source");
        Gpt2Config config = new Gpt2Config(20, 256, 8, 15, 2, 1e-5, 19);
        try (Gpt2Policy random = Gpt2Policy.random(config, RandomSource.of(1))) {
            random.save(source);
        }
        List<int[]> prompts = List.of(new int[] {1, 2, 3});
        Path folder = ModelSource.folder(
                source.toString(), new HuggingFaceHub(HubSettings.fromEnvironment(), DownloadListener.none()));
        assertThat(Gpt2Plan.training(Gpt2Config.readFolder(folder), ParameterSelection.all(), 2, 256, true)
                        .parameters())
                .isEqualTo(config.parameters());
        try (Gpt2Policy policy = Gpt2Policy.load(folder, ParameterSelection.frozen(embeddings(), blocks(0, 15)))) {
            List<List<Rollout>> rollouts = policy.sample(
                    SamplingRequest.of(prompts, 42),
                    SamplingSettings.of(128).withTemperature(0.7).withSamplesPerPrompt(2));
            assertThat(rollouts.get(0)).hasSize(2);
            policy.save(work.resolve("trained"));
        }
        assertThat(work.resolve("trained/model.safetensors")).exists();
    }

    /** What {@link ForeignConsumerIT} builds and runs is what is documented. */
    @Test
    void thePomIsThatOfTheProjectThatTheBuildRuns() throws IOException {
        String page = Files.readString(Path.of("../docs/library.md"));
        int start = page.indexOf("```xml\n") + "```xml\n".length();
        String snippet = page.substring(start, page.indexOf("```", start));
        assertThat(snippet).contains("<dependencies>", "</dependencies>", "maven-surefire-plugin");
        assertThat(Files.readString(Path.of("src/consumer/pom.xml"))).contains(snippet);
    }

    /** Every page that a page points to is there. */
    @Test
    void linksLeadToFiles() throws IOException {
        Path root = Path.of("..");
        List<Path> pages = new ArrayList<>(List.of(root.resolve("README.md")));
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
        }
        int links = 0;
        for (Path page : pages) {
            Matcher link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)").matcher(Files.readString(page));
            while (link.find()) {
                links++;
                assertThat(page.resolveSibling(link.group(1))).as("%s", page).exists();
            }
        }
        assertThat(links).isGreaterThan(20);
    }

    @Test
    void theTestCommandIsWhatIsRunContinuously() throws IOException {
        assertThat(Files.readString(Path.of("../README.md"))).contains("\nmvn verify ");
        assertThat(Files.readString(Path.of("../.ci/run"))).contains("mvn -B -ntp verify");
    }
}
