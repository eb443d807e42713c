package org.preferencelearning.gpt2.internal.graph;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph.Dialect;

/**
 * Which transformer to build.
 *
 * @param config the model's shape
 * @param rows sequences in a batch
 * @param length tokens of each, padding included
 * @param type FLOAT, or DOUBLE for gradient checks
 * @param dialect what the graph is made of
 * @param lora adapters beside the projections
 * @param dropout whether values are multiplied by the masks of {@link TransformerGraph#dropoutMasks}
 * @param masked whether what a token may see is given, as {@link TransformerGraph#MASK}; otherwise it is what is before it
 */
public record GraphForm(
        Gpt2Config config,
        int rows,
        int length,
        DataType type,
        Dialect dialect,
        Optional<LoraSettings> lora,
        boolean dropout,
        boolean masked) {}
