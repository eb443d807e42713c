package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.experiments.dsl.Studies.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.LossMath;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.testkit.PreferenceLossContract;
import org.preferencelearning.experiments.exact.Claim;
import org.preferencelearning.experiments.exact.ExactResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.study.DataSizeStudy;

/** The README's code, compiled and run, and its commands. */
class ReadmeTest {
    private final PreferenceLoss loss = new PreferenceLoss() {
        @Override
        public String name() {
            return "sigmoid";
        }

        @Override
        public double beta() {
            return 0.1;
        }

        @Override
        public SDVariable perPair(PreferenceBatch batch) {
            return LossMath.logSigmoid(batch.logRatioMargin().mul(beta())).neg();
        }
    };

    @Nested
    class MyLossTest extends PreferenceLossContract {
        @Override
        protected PreferenceLoss loss() {
            return loss;
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
        assertThat(study.cells()).isEqualTo(18);
    }

    @Test
    void theExactStudyAnswersItsClaim() {
        ExactResult result = exactStudy("DPO cannot leave the uniform policy", 0.2, 1, 1, 0)
                .policies(linearIn(new double[][] {{1}, {-1}, {0}}))
                .rewards(all())
                .compare(rlhf(), populationDpo(), onlineDpo(pilaf()))
                .expect(Claim.better("RLHF", "DPO", "paper, Section 3"))
                .run();
        assertThat(result.judgements().get(0).verdict()).isEqualTo(Verdict.SUPPORTED);
    }

    @Test
    void theTestCommandIsWhatIsRunContinuously() throws IOException {
        assertThat(Files.readString(Path.of("../README.md"))).contains("\nmvn verify ");
        assertThat(Files.readString(Path.of("../.ci/run"))).contains("mvn -B -ntp verify");
    }
}
