package org.preferencelearning.gpt2.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;
import org.preferencelearning.gpt2.internal.compile.GraphOrder;
import org.preferencelearning.gpt2.internal.compile.UnsupportedGraphException;
import org.preferencelearning.gpt2.internal.graph.GraphForm;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

class TorchGraphTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(40, 64, 16, 2, 2, 1e-5, 39);
    private static final TorchGraph.Form KERNELS = new TorchGraph.Form(
            2, 16, 2, List.of(0.5, 0.5), 1e-5, false, Optional.empty(), Optional.empty(), false, false);

    private static TorchGraph planned(SameDiff graph, List<List<String>> phases) {
        TorchDevice device = TorchDevice.cpu();
        ParameterStore none = ParameterStore.builder().build();
        return new TorchGraph(
                graph, phases, Map.of(), KERNELS, new TorchWeights(none, device), device, new KernelClock());
    }

    /** Nothing is left to ND4J: every node but a product that is computed with its bias has a kernel of libtorch. */
    @Test
    void everyNodeOfEveryFormHasAKernel() {
        Optional<LoraSettings> lora =
                Optional.of(LoraSettings.of(3, 6, Projection.ATTENTION_INPUT, Projection.MLP_OUTPUT));
        for (GraphForm form : List.of(
                form(Optional.empty(), false, false),
                form(Optional.empty(), false, true),
                form(Optional.empty(), true, false),
                form(lora, false, false),
                form(lora, true, true))) {
            SameDiff graph = TransformerGraph.withGradients(form, TransformerGraph.parameterNames(CONFIG));
            List<List<String>> phases = List.of(
                    List.of(TransformerGraph.HIDDEN),
                    List.of(TransformerGraph.gradientName(graph, TransformerGraph.EMBEDDED)));
            GraphOrder order = new GraphOrder(graph, phases, any -> true);
            long fused = order.operations().stream()
                    .filter(order::isProductOfLinearMap)
                    .count();
            try (TorchGraph planned = planned(graph, phases)) {
                assertThat(fused).isEqualTo(8);
                assertThat(planned.nodes()).isEqualTo((int) (order.operations().size() - fused));
            }
        }
    }

    private static GraphForm form(Optional<LoraSettings> lora, boolean dropout, boolean masked) {
        return new GraphForm(CONFIG, 2, 16, DataType.FLOAT, Dialect.FUSED, lora, dropout, masked);
    }

    @Test
    void aNodeWithoutAKernelIsRefusedByItsName() {
        SameDiff graph = SameDiff.create();
        graph.math().tanh("y", graph.constant("x", Nd4j.scalar(1f)));
        assertThatThrownBy(() -> planned(graph, List.of(List.of("y"))))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessageContaining("'tanh'")
                .hasMessageContaining("libtorch");
    }
}
