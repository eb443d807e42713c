package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.preferencelearning.gpt2.model.ParameterGroup.blocks;
import static org.preferencelearning.gpt2.model.ParameterGroup.embeddings;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.MemoryException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.memory.AvailableMemory;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;
import org.preferencelearning.gpt2.internal.torch.Gpu;

class Gpt2PlanTest {
    @Test
    void largeFitsWhereItIsSaidToFit() {
        Gpt2Plan whole = Gpt2Plan.training(Gpt2Config.large(), ParameterSelection.all(), 2, 256, true);
        assertThat(whole.parameters()).isEqualTo(774_030_080L);
        assertThat(whole.peakBytes()).isBetween(13_500_000_000L, 15_000_000_000L);
        Gpt2Plan part = Gpt2Plan.training(
                Gpt2Config.large(), ParameterSelection.frozen(embeddings(), blocks(0, 15)), 2, 256, true);
        assertThat(part.trained()).isEqualTo(414_539_520L);
        assertThat(part.peakBytes()).isLessThan(whole.peakBytes());
        // measured: 0.73 GB (oneDNN) and 0.86 GB (libtorch) more for small with 4 pairs of 256 tokens
        Gpt2Plan small = Gpt2Plan.training(Gpt2Config.small(), ParameterSelection.all(), 8, 256, true);
        assertThat(small.peakBytes(MatrixPrecision.BFLOAT16) - small.peakBytes())
                .isBetween(860_000_000L, 1_000_000_000L);
        Gpu full = new Gpu("full", 9, 0, "13.0", whole.peakBytes() - 1, 80_000_000_000L);
        assertThatThrownBy(() -> whole.requireOnGpu(whole.peakBytes(), full))
                .isInstanceOf(MemoryException.class)
                .hasMessageContaining("what is free of full, compute capability 9.0");
        whole.requireOnGpu(whole.peakBytes() - 1, full);
        System.setProperty(AvailableMemory.PROPERTY, "1g");
        try {
            assertThatThrownBy(() -> whole.requireOnGpu(whole.peakBytes() - 1, full))
                    .isInstanceOf(MemoryException.class)
                    .hasMessageContaining("preference.memory allows no more");
        } finally {
            System.clearProperty(AvailableMemory.PROPERTY);
        }
        assertThat(whole.toString()).contains("774,030,080 parameters").contains("GB of native memory");
        assertThatThrownBy(() -> Gpt2Plan.sampling(Gpt2Config.large(), 1, 1025))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("1 to 1024");
    }

    @ParameterizedTest
    @CsvSource({"2,128,4,8,64", "4,64,2,4,128", "12,96,6,2,32"})
    void plannedActivationsAreThoseOfTheCompiledGraph(int layers, int width, int heads, int rows, int length) {
        Assumptions.assumeTrue(FusedOperations.available(), "the plan is that of the fused kernels");
        Gpt2Config config = new Gpt2Config(50, 128, width, layers, heads, 1e-5, 49);
        try (Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(1))) {
            policy.device(ComputeDevice.cpu());
            List<TokenSequence> sequences = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                sequences.add(new TokenSequence(new int[length], 1));
            }
            policy.forward(sequences).backward(new double[rows]);
            long planned = Gpt2Plan.training(config, ParameterSelection.all(), rows, length, false)
                    .activationBytes();
            assertThat((double) ((HostEngine) policy.engine()).bufferBytes() / planned)
                    .isBetween(0.85, 1.05);
        }
    }
}
