package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.testkit.ChildJvm;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.internal.graph.GraphForm;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

/** Whichever call of this module is a program's first, ND4J's libraries get their settings, and nothing is printed. */
class EntryPointsTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden-tiny");

    @ParameterizedTest
    @ValueSource(strings = {"random", "load", "load reward", "precision", "gradients"})
    void theProcessIsPrepared(String entry) throws Exception {
        assumeThat(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                .as("the system whose native build brings libgomp")
                .isEqualTo("Linux amd64");
        ChildJvm.Result result =
                ChildJvm.of(First.class).with("OMP_DISPLAY_ENV", "VERBOSE").run(entry);
        assertThat(result.err()).contains("GOMP_SPINCOUNT = '2000'").doesNotContain("WARN ");
        assertThat(result.out()).isEqualTo("done" + System.lineSeparator());
    }

    /** Begins with one call. */
    static final class First {
        public static void main(String[] arguments) {
            switch (arguments[0]) {
                case "random" ->
                    Gpt2Policy.random(new Gpt2Config(20, 8, 4, 1, 1, 1e-5, 19), RandomSource.of(1))
                            .close();
                case "load" ->
                    Gpt2Policy.load(config(), FOLDER.resolve("policy.safetensors"), ParameterSelection.all())
                            .close();
                case "load reward" ->
                    Gpt2RewardModel.load(config(), FOLDER.resolve("reward.safetensors"), ParameterSelection.all())
                            .close();
                case "precision" -> FusedOperations.bfloat16();
                default ->
                    TransformerGraph.withGradients(
                            new GraphForm(
                                    config(), 1, 4, DataType.FLOAT, Dialect.COMPOSED, Optional.empty(), false, false),
                            TransformerGraph.parameterNames(config()));
            }
            Nd4j.create(1).close();
            System.out.println("done");
        }

        private static Gpt2Config config() {
            return Gpt2Config.readFolder(FOLDER);
        }
    }
}
