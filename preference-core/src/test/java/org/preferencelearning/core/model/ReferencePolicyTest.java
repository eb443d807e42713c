package org.preferencelearning.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.finite.FeatureMap;
import org.preferencelearning.core.finite.LogLinearPolicy;

class ReferencePolicyTest {
    private static final TokenSequence FIRST = new TokenSequence(new int[] {0, 1}, 1);
    private static final TokenSequence SECOND = new TokenSequence(new int[] {0, 2}, 1);

    @Test
    void aPolicyThatIsTrainedAfterItHasScoredIsRefused() {
        try (LogLinearPolicy policy = LogLinearPolicy.uniform(FeatureMap.tabular(1, 4))) {
            ReferencePolicy reference = ReferencePolicy.of(policy);
            double[] before = reference.logProbabilities(List.of(FIRST));
            policy.parameters().all().get(0).value().addi(1e-3).putScalar(1, 0.5);
            assertThat(reference.logProbabilities(List.of(FIRST)))
                    .as("what is remembered stays")
                    .isEqualTo(before);
            assertThatThrownBy(() -> reference.logProbabilities(List.of(FIRST, SECOND)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("have changed since it scored 1 sequences")
                    .hasMessageContaining(policy.parameters().fingerprint().toString());
        }
    }

    @Test
    void equalWeightsHaveEqualFingerprints() {
        try (LogLinearPolicy one = LogLinearPolicy.uniform(FeatureMap.tabular(1, 4));
                LogLinearPolicy same = LogLinearPolicy.uniform(FeatureMap.tabular(1, 4));
                LogLinearPolicy larger = LogLinearPolicy.uniform(FeatureMap.tabular(2, 4))) {
            assertThat(one.parameters().fingerprint())
                    .isEqualTo(same.parameters().fingerprint());
            assertThat(one.parameters().fingerprint())
                    .isNotEqualTo(larger.parameters().fingerprint());
        }
    }
}
