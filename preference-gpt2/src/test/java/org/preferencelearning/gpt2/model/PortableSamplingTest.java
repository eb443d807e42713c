package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.testkit.ChildJvm;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;

/** Sampling where oneDNN is not there: in a process without its natives, and in double precision, which it has no kernels for. */
class PortableSamplingTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 24, 3, 4, 1e-5, 39);
    /** A batch has few prompts then, so that there are several. */
    private static final int COPIES = 5;

    private static final int NEW_TOKENS = 12;

    @Test
    void withoutOneDnnTheSameTokensAreDrawn() throws Exception {
        List<Rollout> wide = rollouts(true);
        assertThat(wide).hasSize(9 * COPIES);
        same(rollouts(false), wide);

        String without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> !path.matches(".*dnnl-[^/\\\\]*-(linux|macosx|windows)-[^/\\\\]*\\.jar"))
                .collect(Collectors.joining(File.pathSeparator));
        ChildJvm.Result child = ChildJvm.of(Child.class).classPath(without).run();
        assertThat(child.exit()).as(child.err()).isZero();
        List<String> lines = child.out().lines().toList();
        assertThat(lines.get(0)).isEqualTo("oneDNN false");
        assertThat(lines.subList(1, 1 + wide.size()))
                .as("twice the same bits")
                .isEqualTo(lines.subList(1 + wide.size(), lines.size()));
        for (int i = 0; i < wide.size(); i++) {
            String[] parts = lines.get(1 + i).split(";");
            assertThat(parts[0]).isEqualTo(Arrays.toString(wide.get(i).response()));
            assertThat(Double.parseDouble(parts[1])).isCloseTo(wide.get(i).logProbability(), within(1e-5 * NEW_TOKENS));
        }
    }

    private static void same(List<Rollout> found, List<Rollout> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).response()).isEqualTo(expected.get(i).response());
            assertThat(found.get(i).logProbability())
                    .isCloseTo(expected.get(i).logProbability(), within(1e-5 * NEW_TOKENS));
        }
    }

    /** Of two batches, with prompts of several lengths. */
    private static List<Rollout> rollouts(boolean wide) {
        RandomSource random = RandomSource.of(3);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            int[] tokens = new int[1 + random.nextInt(30)];
            Arrays.setAll(tokens, t -> random.nextInt(CONFIG.vocabulary()));
            prompts.add(tokens);
        }
        try (Gpt2Policy single = Gpt2Policy.random(CONFIG, RandomSource.of(1), ParameterSelection.none())) {
            // random weights make nearly uniform distributions and attention; wider ones do not
            single.parameters().get("wte.weight").value().muli(20);
            single.parameters().get("h.1.attn.c_attn.weight").value().muli(10);
            single.parameters().get("h.2.attn.c_attn.bias").value().addi(0.3);
            try (Gpt2Policy used = wide ? single.inDoublePrecision() : single.copy(ParameterSelection.none())) {
                SamplingSettings settings = SamplingSettings.of(NEW_TOKENS)
                        .withTemperature(0.9)
                        .withStopAtEndOfText(false)
                        .withSamplesPerPrompt(COPIES);
                return used.sample(SamplingRequest.of(prompts, 5), settings).stream()
                        .flatMap(List::stream)
                        .toList();
            }
        }
    }

    /** Prints what is drawn, twice. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            System.out.println("oneDNN " + FusedOperations.available());
            for (int time = 0; time < 2; time++) {
                rollouts(false)
                        .forEach(rollout -> System.out.println(
                                Arrays.toString(rollout.response()) + ";" + rollout.logProbability()));
            }
        }
    }
}
