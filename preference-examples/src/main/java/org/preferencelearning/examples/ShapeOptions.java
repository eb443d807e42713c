package org.preferencelearning.examples;

import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import picocli.CommandLine.Option;

/** Which GPT-2. */
final class ShapeOptions {
    private static final int NANO_VOCABULARY = 4096;
    private static final int SHORT = 256;
    private static final int LONG = 1024;

    @Option(names = "--size", description = "nano (4,096 tokens), nano50k, small, medium or large (default: nano).")
    private String size = "nano";

    @Option(names = "--layers", description = "Blocks, instead of the size's.")
    private Integer layers;

    @Option(names = "--width", description = "Width, instead of the size's.")
    private Integer width;

    @Option(names = "--heads", description = "Attention heads, instead of the size's.")
    private Integer heads;

    @Option(names = "--vocabulary", description = "Tokens, instead of the size's.")
    private Integer vocabulary;

    String name() {
        return size;
    }

    /** @param longest tokens of the longest sequence */
    Gpt2Config config(int longest) {
        Gpt2Config base =
                switch (size) {
                    case "nano" -> Gpt2Config.nano().withVocabulary(NANO_VOCABULARY, NANO_VOCABULARY - 1);
                    case "nano50k" -> Gpt2Config.nano();
                    case "small" -> Gpt2Config.small();
                    case "medium" -> Gpt2Config.medium();
                    case "large" -> Gpt2Config.large();
                    default -> throw new SettingException("size", size, "nano, nano50k, small, medium or large");
                };
        int tokens = or(vocabulary, base.vocabulary());
        return new Gpt2Config(
                tokens,
                longest <= SHORT ? SHORT : Math.max(LONG, longest),
                or(width, base.width()),
                or(layers, base.layers()),
                or(heads, base.heads()),
                base.layerNormEpsilon(),
                tokens - 1);
    }

    private static int or(Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }
}
