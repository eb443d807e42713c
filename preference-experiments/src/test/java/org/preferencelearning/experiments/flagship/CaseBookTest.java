package org.preferencelearning.experiments.flagship;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.preferencelearning.experiments.dsl.Studies.all;
import static org.preferencelearning.experiments.dsl.Studies.exactPolicyGradient;
import static org.preferencelearning.experiments.dsl.Studies.exactStudy;
import static org.preferencelearning.experiments.dsl.Studies.fixedReference;
import static org.preferencelearning.experiments.dsl.Studies.linearIn;
import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.populationDpo;
import static org.preferencelearning.experiments.dsl.Studies.rlhf;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.core.finite.Identities;
import org.preferencelearning.experiments.exact.ExactMethod;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.exact.WinnerMap;
import org.preferencelearning.experiments.result.Judgement;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.result.Verdict;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.StudyJson;

class CaseBookTest {
    static Stream<ExactStudy> studies() {
        return CaseBook.all().stream();
    }

    @ParameterizedTest
    @MethodSource("studies")
    void everyClaimOfTheCaseBookIsSupported(ExactStudy study) {
        StudyResult result = run(study);
        assertThat(result.judgements()).isNotEmpty().allMatch(j -> j.verdict() == Verdict.SUPPORTED);
        assertThat(study.note()).containsIgnoringCase("reconstructed");
        double best = value(result, ExactMethod.BestInClass.LABEL);
        assertThat(best).isLessThanOrEqualTo(value(result, ExactMethod.Optimum.LABEL) + 1e-9);
        for (ExactMethod method : study.methods()) {
            assertThat(value(result, method.label())).isLessThan(best + 1e-9).isEqualTo(study.value(method.label()));
        }
    }

    @Test
    void aFalseClaimIsContradicted() {
        StudyResult result = run(CaseBook.policyMisspecified(1, 0.2)
                .expect(ExactStudy.better("DPO", "RLHF", "nobody"), ExactStudy.equal("DPO", "RLHF", "nobody")));
        assertThat(result.judgements().subList(3, 5))
                .extracting(Judgement::verdict)
                .containsOnly(Verdict.CONTRADICTED);
    }

    @Test
    void aClaimThatComparesAMethodWithItselfIsRefused() {
        assertThatThrownBy(() -> CaseBook.policyMisspecified(1, 0.2).expect(ExactStudy.equal("RLHF", "RLHF", "A/A")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("two different selections");
    }

    @Test
    void aClaimAboutAMethodThatIsNotComparedIsRefused() {
        assertThatThrownBy(() -> CaseBook.policyMisspecified(1, 0.2).expect(ExactStudy.equal("PPO", "RLHF", "nobody")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("PPO")
                .hasMessageContaining("RLHF");
        assertThatThrownBy(() -> CaseBook.policyMisspecified(1, 0.2).value("RHLF"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("RHLF")
                .hasMessageContaining("policy gradient");
    }

    @ParameterizedTest
    @MethodSource("studies")
    void aStudyIsReadBackFromItsJson(ExactStudy study) {
        assertThat(StudyJson.read("test", StudyJson.write(study)))
                .isEqualTo(study)
                .hasToString(study.toString());
    }

    private static StudyResult run(ExactStudy study) {
        return Runners.inMemory().run(study);
    }

    private static double value(StudyResult result, String method) {
        return result.value(CellId.method(method), ExactStudy.VALUE);
    }

    @Test
    void promptsAreAnOuterDimension() {
        FiniteProblem one = FiniteProblem.bandit(new double[] {1, 1, 0}, new double[] {.2, .3, .5}, 0.3);
        FiniteProblem twice = new FiniteProblem(
                new double[][] {{1, 1, 0}, {1, 1, 0}},
                new double[][] {{.2, .3, .5}, {.2, .3, .5}},
                new double[] {.4, .6},
                0.3);
        ExactStudy study = exactStudy("prompts", 0.3, 1, 1, 0).compare(rlhf(), onlineDpo(fixedReference()));
        assertThat(study.problem(twice).value("RLHF"))
                .isCloseTo(study.problem(one).value("RLHF"), within(1e-12));
    }

    @Test
    void whatIsOutsideItsRangeIsRefusedWhereItIsSaid() {
        assertRefused(() -> exactStudy("x", 0, 1, 2), "beta");
        assertRefused(() -> exactStudy("x", -1, 1, 2), "beta");
        assertRefused(() -> exactStudy("x", 1), "trueReward");
        assertRefused(() -> exactStudy("x", 1, Double.NaN, 1), "trueReward");
        ExactStudy study = exactStudy("x", 1, 1, 2);
        assertRefused(() -> study.reference(1, 0), "reference");
        assertRefused(() -> study.policies(linearIn(new double[][] {{1}, {2}, {3}})), "features");
        assertRefused(() -> study.rewards(linearIn(new double[][] {{1}})), "features");
        assertRefused(() -> linearIn(new double[0][]), "features");
        assertRefused(() -> linearIn(new double[][] {{}, {}}), "features");
        assertRefused(() -> study.compare(), "compare");
        assertRefused(() -> study.compare(populationDpo(), populationDpo()), "compare");
        assertRefused(() -> study.start(Double.NaN), "start");
        assertThat(study.policies(all()).compare(exactPolicyGradient()).value("policy gradient"))
                .isCloseTo(study.problem().optimalValue(), within(1e-8));
    }

    @Test
    void theIdentitiesHoldToTheLastDigits() {
        assertThat(Identities.residuals(3)).hasSize(5).allSatisfy(residual -> assertThat(residual.residual())
                .as(residual.identity())
                .isLessThan(1e-10));
    }

    @Test
    void pilafAgreesWithThePolicyGradientToFirstOrder() {
        double[] deviations = Identities.pilafDeviations(3, 1, 0.1, 0.01, 0.001);
        for (int i = 2; i < deviations.length; i++) {
            assertThat(deviations[i] / deviations[i - 1]).isBetween(0.07, 0.13);
        }
    }

    @Test
    void theMapShowsWhereRlhfLeavesTheUniformPolicy() {
        String map = WinnerMap.draw(Runners.inMemory().run(CaseBook.maps().get(0)));
        // better iff beta < R / 3
        assertThat(map.lines()
                        .filter(line -> line.startsWith("    0.20"))
                        .findFirst()
                        .orElseThrow()
                        .split("\\s+"))
                .containsExactly("", "0.20", "=", "=", "+", "+", "+", "+", "+", "+");
        assertThat(map.lines()
                        .filter(line -> line.startsWith("    1.00"))
                        .findFirst()
                        .orElseThrow()
                        .split("\\s+"))
                .containsExactly("", "1.00", "=", "=", "=", "=", "=", "=", "=", "+");
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String setting) {
        assertThatThrownBy(call).isInstanceOf(SettingException.class).hasMessageContaining("'" + setting + "'");
    }
}
