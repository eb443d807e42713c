package org.preferencelearning.experiments.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.Sampler;
import org.preferencelearning.core.loss.PreferenceBatch;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.BradleyTerry;
import org.preferencelearning.experiments.study.CatalogueLoss;
import org.preferencelearning.experiments.study.StudyJson;

/** Losses and methods that users bring, against those that are built in, and against sums written out. */
class OwnDualMethodsTest {
    private static final double BETA = 0.4;
    private static final double[][] REWARD = {{1, 0, -1, 0.5}, {0, 2, 0.3, -0.7}};
    private static final double[][] REFERENCE = logs(0.4, 0.3, 0.2, 0.1);
    private static final double[][] POLICY = logs(0.1, 0.2, 0.45, 0.25);
    private static final Population WORLD = new Population(REWARD, REFERENCE, BETA);

    private static double[][] logs(double... probabilities) {
        double[] row = Arrays.stream(probabilities).map(Math::log).toArray();
        double[] turned = {row[3], row[0], row[1], row[2]};
        return new double[][] {row, turned};
    }

    private static DualTokenMethod.Given given() {
        return new DualTokenMethod.Given(WORLD, REWARD, 2, RandomSource.of(1));
    }

    private static void assertTables(double[][] actual, double[][] expected) {
        for (int x = 0; x < expected.length; x++) {
            assertThat(actual[x]).containsExactly(expected[x], within(1e-12));
        }
    }

    @Test
    void theSigmoidLossOverThePopulationIsDpoForEverySampler() {
        for (Sampler sampler : Sampler.values()) {
            for (String loss : List.of("sigmoid", "rev_kl")) {
                double[][] gradient = new PopulationLoss(new CatalogueLoss(loss, BETA), sampler)
                        .start(given())
                        .at(POLICY);
                assertTables(gradient, WORLD.directGradient(POLICY, sampler));
            }
        }
    }

    /** Which reads the margin: the true reward's. */
    @Test
    void theSquaredMarginOverPairsOfThePolicyIsThePolicyGradient() {
        double[][] gradient = new PopulationLoss(new CatalogueLoss("regression", BETA), Sampler.ON_POLICY)
                .start(given())
                .at(POLICY);
        assertTables(gradient, WORLD.squaredMarginGradient(POLICY, REWARD));
    }

    /** Reads everything, and neither response alike. */
    record Everything(double beta) implements PreferenceLoss {
        @Override
        public String name() {
            return "everything";
        }

        @Override
        public SDVariable perPair(PreferenceBatch pairs) {
            SDVariable chosen = pairs.chosenLogRatio().mul(pairs.chosenTokens());
            SDVariable rejected = pairs.policyRejected().mul(pairs.rejectedTokens());
            return chosen.mul(chosen).mul(beta).sub(rejected.mul(pairs.margin()));
        }

        @Override
        public boolean needsMargin() {
            return true;
        }

        double of(double chosen, double referenceChosen, double rejected, double margin) {
            double ratio = 2 * (chosen - referenceChosen);
            return beta * ratio * ratio - 2 * rejected * margin;
        }
    }

    @Test
    void aLossIsSummedOverPairsAndLabelsByTheirProbability() {
        Everything loss = new Everything(0.7);
        double[][] gradient = new PopulationLoss(loss).start(given()).at(POLICY);
        assertSlopes(gradient, POLICY, log -> {
            double sum = 0;
            for (int x = 0; x < log.length; x++) {
                for (int y = 0; y < log[x].length; y++) {
                    for (int z = 0; z < log[x].length; z++) {
                        double pair = Math.exp(REFERENCE[x][y] + REFERENCE[x][z]);
                        double margin = REWARD[x][y] - REWARD[x][z];
                        double first = 1 / (1 + Math.exp(-margin));
                        sum += pair
                                * (first * loss.of(log[x][y], REFERENCE[x][y], log[x][z], margin)
                                        + (1 - first) * loss.of(log[x][z], REFERENCE[x][z], log[x][y], -margin))
                                / log.length;
                    }
                }
            }
            return sum;
        });
    }

    private static void assertSlopes(double[][] gradient, double[][] at, ToDoubleFunction<double[][]> function) {
        for (int x = 0; x < at.length; x++) {
            for (int y = 0; y < at[x].length; y++) {
                double[][] more = Arrays.stream(at).map(double[]::clone).toArray(double[][]::new);
                double[][] less = Arrays.stream(at).map(double[]::clone).toArray(double[][]::new);
                more[x][y] += 1e-5;
                less[x][y] -= 1e-5;
                double slope = (function.applyAsDouble(more) - function.applyAsDouble(less)) / 2e-5;
                assertThat(gradient[x][y]).isCloseTo(slope, within(1e-8));
            }
        }
    }

    private static PairSample pairs() {
        return PairSample.draw(WORLD, 40, 2, 0, RandomSource.of(3));
    }

    @Test
    void lossesOfASampleAreThoseThatAreBuiltIn() {
        double[][] scores = {{0.3, -1, 0.2, 0}, {1, 0, -0.5, 0.1}};
        for (DualTokenSampleMethod method : List.of(
                new SampleLoss(new CatalogueLoss("sigmoid", BETA)), new SampleRewardLoss(BradleyTerry.plain()))) {
            DualTokenSampleMethod.Fit fit = method.start(WORLD);
            assertThat(fit.loss(pairs(), scores)).isCloseTo(pairs().loss(scores), within(1e-12));
            assertTables(fit.gradient(pairs(), scores), pairs().gradient(scores));
        }
    }

    /** Of the loss's own beta, and of log-probabilities themselves. */
    @Test
    void gradientsOfASampleAreSlopes() {
        double[][] scores = {{0.3, -1, 0.2, 0}, {1, 0, -0.5, 0.1}};
        for (String loss : List.of("ipo", "hinge", "simpo")) {
            DualTokenSampleMethod.Fit fit = new SampleLoss(new CatalogueLoss(loss, 0.9)).start(WORLD);
            assertSlopes(fit.gradient(pairs(), scores), scores, at -> fit.loss(pairs(), at));
        }
        double[][] policy = new double[2][4];
        for (int x = 0; x < 2; x++) {
            for (int y = 0; y < 4; y++) {
                policy[x][y] = BETA * (POLICY[x][y] - REFERENCE[x][y]);
            }
        }
        double expected = 0;
        for (int i = 0; i < 40; i++) {
            double[] row = POLICY[pairs().prompts()[i]];
            double[] base = REFERENCE[pairs().prompts()[i]];
            double h = row[pairs().chosen()[i]]
                    - base[pairs().chosen()[i]]
                    - (row[pairs().rejected()[i]] - base[pairs().rejected()[i]]);
            expected += Math.pow(h - 1 / (2 * 0.9), 2) / 40;
        }
        assertThat(new SampleLoss(new CatalogueLoss("ipo", 0.9)).start(WORLD).loss(pairs(), policy))
                .isCloseTo(expected, within(1e-12));
    }

    /** Against the loss and the gradient that are built in. */
    @Test
    void aFunctionOfMarginsIsAFit() {
        double[][] scores = {{0.3, -1, 0.2, 0}, {1, 0, -0.5, 0.1}};
        DualTokenSampleMethod.Fit fit = DualTokenSampleMethod.Fit.ofMargins(
                margin -> Math.log1p(Math.exp(-margin)), margin -> -1 / (1 + Math.exp(margin)));
        assertThat(fit.loss(pairs(), scores)).isCloseTo(pairs().loss(scores), within(1e-12));
        assertTables(fit.gradient(pairs(), scores), pairs().gradient(scores));
    }

    @Test
    void tablesAreAddedUp() {
        assertTables(Population.sum(2, REWARD, -1, REWARD), REWARD);
        assertThat(Population.sum(0.25, REWARD, 3, POLICY)[1][2]).isEqualTo(0.25 * 0.3 + 3 * POLICY[1][2]);
    }

    @Test
    void lossesThatAreNoSumOfPairsOrReadWhatIsNotThereAreRefused() {
        assertThatThrownBy(() -> new PopulationLoss(new CatalogueLoss("aot", 0.1)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is aot")
                .hasMessageContaining("a loss of each pair");
        assertThatThrownBy(() -> new SampleLoss(new CatalogueLoss("regression", 0.1)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'loss' is regression")
                .hasMessageContaining("labels have none");
        assertThatThrownBy(() -> new SampleRewardLoss(new BradleyTerry(true, 0)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("labels have none");
    }

    /** A method whose derivatives the test at hand sets. */
    record Wrong(String what) implements DualTokenMethod, DualTokenSampleMethod, DualTokenSampleMethod.Fit {
        @Override
        public String label() {
            return "wrong " + what;
        }

        @Override
        public boolean implicit() {
            return true;
        }

        @Override
        public Slope start(Given given) {
            return this::table;
        }

        @Override
        public Fit start(Population world) {
            return this;
        }

        @Override
        public double loss(PairSample pairs, double[][] scores) {
            return what.equals("loss") ? Double.NaN : 1;
        }

        @Override
        public double[][] gradient(PairSample pairs, double[][] scores) {
            return table(scores);
        }

        private double[][] table(double[][] like) {
            double[][] table = Arrays.stream(like).map(double[]::clone).toArray(double[][]::new);
            switch (what) {
                case "nothing" -> table = null;
                case "rows" -> table = new double[1][like[0].length];
                case "row" -> table[1] = null;
                case "columns" -> table[1] = new double[3];
                case "number" -> table[1][2] = Double.POSITIVE_INFINITY;
                default -> {}
            }
            return table;
        }
    }

    @Test
    void whatAMethodGivesIsCheckedAndNamed() {
        DualTokenStudy exact = DualTokenStudy.of("wrong")
                .world(new DualTokenText(4, 2, 2, 0.5, 0.3, 3))
                .model(new WordModel(8, 2, 2))
                .under(Misspecification.POLICY)
                .rounds(new Rounds(1, 1, 1e-3))
                .learningRate(1e-3)
                .seeds(1);
        DualTokenSampleStudy sample = DualTokenSampleStudy.of("wrong")
                .world(exact.world())
                .model(exact.model())
                .rounds(exact.rounds())
                .sizes(20)
                .seeds(1);
        for (String kind : List.of("nothing", "rows", "row", "columns", "number")) {
            assertThatThrownBy(() -> CheckedTable.require("mine", new Wrong(kind).gradient(pairs(), POLICY), POLICY))
                    .as(kind)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'mine'");
        }
        assertThat(CheckedTable.require("mine", REWARD, POLICY)).isSameAs(REWARD);
        assertThatThrownBy(() -> Runners.inMemory().run(exact.compare(new Wrong("number"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'wrong number' is Infinity");
        assertThatThrownBy(() -> Runners.inMemory().run(sample.compare(new Wrong("number"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'wrong number' is Infinity");
        assertThatThrownBy(() -> Runners.inMemory().run(sample.compare(new Wrong("loss"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'wrong loss' is NaN");
    }

    @Test
    void whatIsBuiltInIsWrittenByItsNameAsBefore() {
        DualTokenStudy exact = DualTokenStudy.of("mixed")
                .compare(DualMethod.RLHF, new PopulationLoss(new CatalogueLoss("ipo", 0.1)), new Wrong("not"));
        String json = StudyJson.write(exact);
        assertThat(json.replaceAll("\\s", ""))
                .contains("\"methods\":[\"RLHF\",{\"kind\":\"population_loss\",\"loss\":{\"kind\":\"catalogue\","
                        + "\"name\":\"ipo\",\"beta\":0.1},\"sampler\":\"REFERENCE\"},{\"kind\":\""
                        + Wrong.class.getName() + "\",\"what\":\"not\"}]");
        assertThat(StudyJson.read("study.json", json)).isEqualTo(exact);
        DualTokenSampleStudy sample = DualTokenSampleStudy.of("mixed")
                .compare(
                        SampleMethod.DPO,
                        new SampleLoss(new CatalogueLoss("ipo", 0.1)),
                        new SampleRewardLoss(BradleyTerry.plain()),
                        new Wrong("not"));
        assertThat(StudyJson.write(sample).replaceAll("\\s", "")).contains("\"methods\":[\"DPO\",{");
        assertThat(StudyJson.read("study.json", StudyJson.write(sample))).isEqualTo(sample);
    }

    @Test
    void whatIsNoMethodIsRefusedByItsField() {
        String json = StudyJson.write(DualTokenStudy.of("known").compare(DualMethod.RLHF, DualMethod.DPO));
        assertThat(json.replaceAll("\\s", "")).contains("\"methods\":[\"RLHF\",\"DPO\"]");
        assertThat(StudyJson.read("study.json", json))
                .isEqualTo(DualTokenStudy.of("known").compare(DualMethod.RLHF, DualMethod.DPO));
        assertThatThrownBy(() -> StudyJson.read("study.json", json.replace("\"DPO\"", "\"DPPO\"")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("field 'methods[1]' is \"DPPO\"; allowed: one of [RLHF, ");
        assertThatThrownBy(() -> StudyJson.read("study.json", json.replace("\"DPO\"", "{\"kind\": \"other\"}")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("field 'methods[1]': kind 'other' is unknown; allowed: one of [population_loss]");
        assertThatThrownBy(() -> DualTokenStudy.of("lambda").compare(new DualTokenMethod() {
                    @Override
                    public String label() {
                        return "anonymous";
                    }

                    @Override
                    public Slope start(Given given) {
                        return log -> log;
                    }
                }))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'compare'")
                .hasMessageContaining("a record");
        assertThatThrownBy(() -> DualTokenStudy.of("twice").compare(DualMethod.DPO, DualMethod.DPO))
                .hasMessageContaining("none twice");
    }

    /** Only of methods that draw some: what was computed of the others is found again. */
    @Test
    void theNumberOfRolloutsIsPartOfAMethodsSettingsWhereItCounts() {
        DualTokenStudy few = DualTokenStudy.of("rollouts").seeds(41).under(Misspecification.NONE);
        for (DualTokenMethod method :
                List.of(DualMethod.DPO, DualMethod.RLHF, new PopulationLoss(new CatalogueLoss("ipo", 0.1)))) {
            assertThat(few.compare(method).rollouts(4).cells(null).get(0).task())
                    .isEqualTo(
                            few.compare(method).rollouts(5).cells(null).get(0).task());
        }
        for (DualTokenMethod method : List.of(DualMethod.REINFORCE, new Wrong("not"))) {
            assertThat(few.compare(method).rollouts(4).cells(null).get(0).task())
                    .isNotEqualTo(
                            few.compare(method).rollouts(5).cells(null).get(0).task());
        }
    }
}
