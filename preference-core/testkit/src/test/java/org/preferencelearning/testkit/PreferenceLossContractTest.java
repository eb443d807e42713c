package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.preferencelearning.core.loss.LossMath.logSigmoid;

import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;

/** The contract, run by JUnit as in anyone's project: wrong losses break laws, right ones of every kind pass. */
class PreferenceLossContractTest {
    private static final String PAIR = "policyChosen=";

    @Test
    void aWrongSignIsFound() {
        ContractOutcome outcome = outcome(
                new Loss((b, beta) -> logSigmoid(b.logRatioMargin().mul(-beta)).neg()));
        outcome.breaksExactly(Law.CHOSEN_SLOPE, Law.REJECTED_SLOPE, Law.CHOSEN_REFERENCE, Law.REJECTED_REFERENCE);
        outcome.says(Law.CHOSEN_SLOPE, PAIR, "the slope by policyChosen is 0.05", "expected: below 0");
        outcome.says(Law.REJECTED_SLOPE, PAIR, "the slope by policyRejected is -0.05", "expected: above 0");
    }

    @Test
    void aForgottenNegationIsFound() {
        ContractOutcome outcome =
                outcome(new Loss((b, beta) -> logSigmoid(b.logRatioMargin().mul(beta))));
        outcome.breaksExactly(Law.CHOSEN_SLOPE, Law.REJECTED_SLOPE, Law.CHOSEN_REFERENCE, Law.REJECTED_REFERENCE);
        outcome.says(Law.CHOSEN_SLOPE, PAIR, "the slope by policyChosen is 0.05", "expected: below 0");
    }

    @Test
    void aReferenceThatIsNeededAndNotReadIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) ->
                logSigmoid(b.policyChosen().sub(b.policyRejected()).mul(beta)).neg()));
        outcome.breaksExactly(Law.CHOSEN_REFERENCE, Law.REJECTED_REFERENCE, Law.INVARIANCE);
        outcome.says(
                Law.CHOSEN_REFERENCE,
                PAIR,
                "the slope by referenceChosen is 0.0",
                "expected: above 0, as needsReference() is true");
    }

    @Test
    void swappedReferencesAreFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> logSigmoid(b.policyChosen()
                        .sub(b.referenceRejected())
                        .sub(b.policyRejected().sub(b.referenceChosen()))
                        .mul(beta))
                .neg()));
        outcome.breaksExactly(Law.CHOSEN_REFERENCE, Law.REJECTED_REFERENCE, Law.INVARIANCE);
        outcome.says(Law.CHOSEN_REFERENCE, PAIR, "the slope by referenceChosen is -0.04", "expected: above 0");
        outcome.says(Law.INVARIANCE, PAIR, "with -0.75 more policyChosen and referenceChosen the value is 0.77");
    }

    @Test
    void aForgottenBetaIsFound() {
        ContractOutcome outcome =
                outcome(new Loss((b, beta) -> logSigmoid(b.logRatioMargin()).neg()));
        outcome.breaksExactly(Law.BETA);
        outcome.says(
                Law.BETA,
                PAIR,
                "for beta 0.1 and 0.3, the gradient by policyChosen is -0.5 and -0.5",
                "expected: two gradients");
    }

    @Test
    void aBetaOnOneResponseAloneIsFound() {
        ContractOutcome outcome = outcome(
                new Loss((b, beta) -> logSigmoid(b.chosenLogRatio().mul(beta).sub(b.rejectedLogRatio()))
                        .neg()));
        outcome.breaksExactly(Law.MIRROR);
        outcome.says(Law.MIRROR, PAIR, "the gradient by policyRejected is 0.5; expected: 0.05");
    }

    @Test
    void swappedLengthsAreFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> logSigmoid(b.chosenLogRatio()
                        .div(b.rejectedTokens())
                        .sub(b.rejectedLogRatio().div(b.chosenTokens()))
                        .mul(beta))
                .neg()));
        outcome.breaksExactly(Law.TOKEN_COUNTS);
        outcome.says(
                Law.TOKEN_COUNTS,
                PAIR,
                "the slope by chosenTokens is ",
                "the other response does not matter to chosenTokens");
    }

    @Test
    void oneLengthForBothResponsesIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) ->
                logSigmoid(b.logRatioMargin().div(b.chosenTokens()).mul(beta)).neg()));
        outcome.breaksExactly(Law.TOKEN_COUNTS);
    }

    @Test
    void aLengthOfOneResponseAloneIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> logSigmoid(b.chosenLogRatio()
                        .div(b.chosenTokens())
                        .sub(b.rejectedLogRatio())
                        .mul(beta))
                .neg()));
        outcome.breaksExactly(Law.MIRROR);
    }

    @Test
    void anOverflowIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> {
            SDVariable logit = b.logRatioMargin().mul(-beta);
            return logit.getSameDiff()
                    .math()
                    .log(logit.getSameDiff().math().exp(logit).add(1.0));
        }));
        outcome.breaksExactly(Law.FINITENESS);
        outcome.says(Law.FINITENESS, "referenceRejected=-10000.0", "the value is Infinity", "expected: finite numbers");
    }

    @Test
    void aMeanOverTheBatchIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> {
            SDVariable losses = logSigmoid(b.logRatioMargin().mul(beta)).neg();
            return losses.mul(0.0).add(losses.mean());
        }));
        assertThat(outcome.broken()).contains(Law.INDEPENDENCE, Law.GRADIENT);
        outcome.says(Law.INDEPENDENCE, PAIR, "as pair 0 of 8; expected: ", ", as alone");
    }

    @Test
    void aScalarIsFound() {
        ContractOutcome outcome = outcome(new Loss(
                (b, beta) -> logSigmoid(b.logRatioMargin().mul(beta)).neg().mean()));
        assertThat(outcome.broken()).contains(Law.INDEPENDENCE);
        outcome.says(
                Law.INDEPENDENCE,
                "8 pairs",
                "setting 'loss' is subject of shape []; allowed: one value per pair, here shape [8]",
                "expected: one value per pair");
        // The other laws have nothing to say on it; they fail with the same message.
        assertThat(outcome.failures())
                .allSatisfy(failure -> assertThat(failure).hasMessageContaining("subject of shape []"));
    }

    @Test
    void anUndeclaredMarginIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) ->
                logSigmoid(b.logRatioMargin().mul(beta).sub(b.margin())).neg()));
        outcome.breaksExactly(Law.MARGIN);
        outcome.says(Law.MARGIN, PAIR, "with 1.25 more margin the value is ", "because needsMargin() is false");
    }

    @Test
    void aDeclaredMarginThatIsNotReadIsFound() {
        ContractOutcome outcome = outcome(
                new Loss((b, beta) -> logSigmoid(b.logRatioMargin().mul(beta)).neg()).needingMargin());
        outcome.breaksExactly(Law.MARGIN);
        outcome.says(Law.MARGIN, PAIR, "none of 100 pairs changes");
    }

    @Test
    void aMarginOfTheWrongSignIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) ->
                        logSigmoid(b.logRatioMargin().mul(beta).add(b.margin())).neg())
                .needingMargin());
        outcome.breaksExactly(Law.MARGIN_SLOPE);
        outcome.says(Law.MARGIN_SLOPE, PAIR, "with 1.25 more margin the gradient by policyChosen is ");
    }

    @Test
    void aReferenceThatIsReadAndNotDeclaredIsFound() {
        ContractOutcome outcome = outcome(
                new Loss((b, beta) -> logSigmoid(b.logRatioMargin().mul(beta)).neg()).withoutReference());
        outcome.breaksExactly(Law.CHOSEN_REFERENCE, Law.REJECTED_REFERENCE);
        outcome.says(Law.CHOSEN_REFERENCE, PAIR, "with 1.5 more referenceChosen the value is ");
    }

    @Test
    void aLossThatForgetsItsNegationAndIsOneOfItsInputsIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> b.policyChosen()).withoutReference());
        assertThat(outcome.broken()).contains(Law.CHOSEN_SLOPE, Law.BETA);
        outcome.says(Law.CHOSEN_SLOPE, PAIR, "the slope by policyChosen is 1.0");
    }

    @Test
    void lossesOfOtherKindsPassWithTheirReasons() {
        String free = "there is no reference that a constant could cancel with";
        String likelihood = "the chosen response's likelihood is a term of its own";
        BiFunction<PreferenceBatch, Double, SDVariable> dpo =
                (b, beta) -> logSigmoid(b.logRatioMargin().mul(beta)).neg();
        Map<String, Loss> losses = Map.of(
                "length-normalised DPO",
                new Loss((b, beta) -> logSigmoid(b.chosenLogRatio()
                                .div(b.chosenTokens())
                                .sub(b.rejectedLogRatio().div(b.rejectedTokens()))
                                .mul(beta))
                        .neg()),
                "SimPO",
                new Loss((b, beta) -> logSigmoid(mean(b.policyChosen(), b.chosenTokens())
                                        .sub(mean(b.policyRejected(), b.rejectedTokens()))
                                        .mul(beta)
                                        .sub(0.5))
                                .neg())
                        .withoutReference()
                        .exempt(Map.of(Law.INVARIANCE, free)),
                "DPO with a length penalty",
                new Loss((b, beta) -> logSigmoid(b.logRatioMargin()
                                .mul(beta)
                                .sub(b.chosenTokens().sub(b.rejectedTokens()).mul(0.05)))
                        .neg()),
                "DPO with the likelihood of chosen",
                new Loss((b, beta) -> dpo.apply(b, beta).sub(mean(b.policyChosen(), b.chosenTokens())))
                        .exempt(Map.of(Law.INVARIANCE, likelihood, Law.MIRROR, likelihood)),
                "ORPO",
                new Loss((b, beta) -> {
                            SDVariable chosen = mean(b.policyChosen(), b.chosenTokens());
                            SDVariable odds =
                                    logOdds(chosen).sub(logOdds(mean(b.policyRejected(), b.rejectedTokens())));
                            return logSigmoid(odds).mul(-beta).sub(chosen);
                        })
                        .withoutReference()
                        .exempt(Map.of(
                                Law.INVARIANCE,
                                free,
                                Law.MIRROR,
                                likelihood,
                                Law.FINITENESS,
                                "a probability of 1 has infinite odds")));
        losses.forEach((name, loss) -> {
            ContractOutcome outcome = outcome(loss);
            assertThat(outcome.failures()).as(name).isEmpty();
            assertThat(outcome.exempted()).as(name).hasSameSizeAs(loss.exemptions.keySet());
            assertThat(outcome.passed()).as(name).isEqualTo(18 - loss.exemptions.size());
        });
    }

    @Test
    void anExemptionFromALawThatHoldsIsRefused() {
        ContractOutcome outcome = outcome(
                new Loss((b, beta) -> logSigmoid(b.logRatioMargin().mul(beta)).neg())
                        .exempt(Map.of(Law.BETA, "I do not like it")));
        assertThat(outcome.failures())
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo(
                        "loss 'subject' obeys law BETA at every input tried: remove the exemption (I do not like it)");
    }

    @Test
    void anUndeclaredComparisonOfPairsIsFound() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> {
                    SDVariable losses = logSigmoid(b.logRatioMargin().mul(beta)).neg();
                    return losses.add(losses.mean());
                })
                .exempt(Map.of(Law.INDEPENDENCE, "it adds the mean", Law.GRADIENT, "it adds the mean")));
        assertThat(outcome.failures()).extracting(Throwable::getMessage).anySatisfy(message -> assertThat(message)
                .startsWith("loss 'subject' has batchWise() false; a loss is batch-wise if and only if"));
    }

    @Test
    void anExemptionWithoutAReasonIsRefused() {
        ContractOutcome outcome =
                outcome(new Loss((b, beta) -> logSigmoid(b.logRatioMargin()).neg()).exempt(Map.of(Law.BETA, " ")));
        assertThat(outcome.failures())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .startsWith("exemption from law BETA needs a reason");
    }

    @Test
    void anExemptionFromALawOfRewardsIsRefused() {
        ContractOutcome outcome = outcome(
                new Loss((b, beta) -> logSigmoid(b.logRatioMargin().mul(beta)).neg())
                        .exempt(Map.of(Law.SHIFT, "a reason")));
        assertThat(outcome.failures())
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .startsWith("exemption from SHIFT, which is not checked here");
    }

    /** What fails for another reason than the law is not excused. */
    @Test
    void anExemptionDoesNotHideAnotherFailure() {
        ContractOutcome outcome = outcome(new Loss((b, beta) -> {
                    throw new IllegalStateException("no loss");
                })
                .exempt(Map.of(Law.BETA, "a reason")));
        assertThat(outcome.exempted()).isEmpty();
        assertThat(outcome.failures()).hasSize(15).allSatisfy(failure -> assertThat(failure)
                .hasMessage("no loss"));
    }

    private static SDVariable mean(SDVariable sum, SDVariable tokens) {
        return sum.div(tokens);
    }

    private static SDVariable logOdds(SDVariable logProbability) {
        SDVariable probability = logProbability.getSameDiff().math().exp(logProbability);
        return logProbability.sub(logProbability.getSameDiff().math().log(probability.rsub(1.0)));
    }

    @Test
    void weightsByThePolicyAreReadAsDeclared() {
        Loss both = new Loss((b, beta) -> dpo(b, beta)
                .mul(b.margin().getSameDiff().math().exp(b.chosenAligned().add(b.rejectedAligned()))));
        outcome(both.needingAligned()).breaksExactly();
        outcome(both).breaksExactly(Law.ALIGNED);
        Loss one = new Loss(
                (b, beta) -> dpo(b, beta).mul(b.margin().getSameDiff().math().exp(b.chosenAligned())));
        ContractOutcome lost = outcome(one.needingAligned());
        lost.breaksExactly(Law.ALIGNED);
        lost.says(Law.ALIGNED, "with 0.5 more rejectedAligned");
        Loss inverse = new Loss((b, beta) -> dpo(b, beta)
                .mul(b.margin()
                        .getSameDiff()
                        .math()
                        .exp(b.chosenAligned().add(b.rejectedAligned()).neg().mul(0.01))));
        outcome(inverse.needingAligned()).breaksExactly(Law.ALIGNED);
        outcome(new Loss(PreferenceLossContractTest::dpo).needingAligned()).breaksExactly(Law.ALIGNED);
    }

    private static SDVariable dpo(PreferenceBatch b, double beta) {
        return logSigmoid(b.logRatioMargin().mul(beta)).neg();
    }

    private static ContractOutcome outcome(Loss loss) {
        Subject.loss = loss;
        return ContractOutcome.of(Subject.class);
    }

    private record Loss(
            BiFunction<PreferenceBatch, Double, SDVariable> expression,
            boolean needsMargin,
            boolean needsReference,
            boolean needsAligned,
            Map<Law, String> exemptions) {
        Loss(BiFunction<PreferenceBatch, Double, SDVariable> expression) {
            this(expression, false, true, false, Map.of());
        }

        Loss needingMargin() {
            return new Loss(expression, true, needsReference, needsAligned, exemptions);
        }

        Loss withoutReference() {
            return new Loss(expression, needsMargin, false, needsAligned, exemptions);
        }

        Loss needingAligned() {
            return new Loss(expression, needsMargin, needsReference, true, exemptions);
        }

        Loss exempt(Map<Law, String> reasons) {
            return new Loss(expression, needsMargin, needsReference, needsAligned, reasons);
        }
    }

    /** A contract test of a loss that the test at hand sets. */
    static class Subject extends PreferenceLossContract {
        private static Loss loss;

        @Override
        protected PreferenceLoss loss(double beta) {
            Loss described = loss;
            return new PreferenceLoss() {
                @Override
                public String name() {
                    return "subject";
                }

                @Override
                public double beta() {
                    return beta;
                }

                @Override
                public SDVariable perPair(PreferenceBatch batch) {
                    return described.expression.apply(batch, beta);
                }

                @Override
                public boolean needsMargin() {
                    return described.needsMargin;
                }

                @Override
                public boolean needsReference() {
                    return described.needsReference;
                }

                @Override
                public boolean needsAligned() {
                    return described.needsAligned;
                }
            };
        }

        @Override
        protected Map<Law, String> exemptions() {
            return loss.exemptions;
        }
    }
}
