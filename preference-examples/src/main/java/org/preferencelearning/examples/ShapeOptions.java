package org.preferencelearning.examples;

import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import picocli.CommandLine.Option;

/** Which GPT-2 of random weights. */
final class ShapeOptions {
    private static final int NANO_VOCABULARY = 4096;
    private static final int SHORT = 256;
    private static final int LONG = 1024;
    private static final int MOST_LAYERS = 1000;
    private static final int WIDEST = 1 << 16;

    @Option(names = "--size", description = "nano (4,096 tokens), nano50k, small, medium or large (default: nano).")
    private @Nullable String size;

    @Option(names = "--layers", description = "Blocks, instead of the size's.")
    private @Nullable Integer layers;

    @Option(names = "--width", description = "Width, instead of the size's.")
    private @Nullable Integer width;

    @Option(names = "--heads", description = "Attention heads, instead of the size's.")
    private @Nullable Integer heads;

    String name() {
        return size == null ? "nano" : size;
    }

    /** Refuses options of the shape where {@code option} brings a model that has one. */
    void requireNoneBeside(String option) {
        requireNone("--size", size, option);
        requireNone("--layers", layers, option);
        requireNone("--width", width, option);
        requireNone("--heads", heads, option);
    }

    private static void requireNone(String own, @Nullable Object value, String option) {
        SettingException.require(value == null, own, value, "nothing beside " + option + ", whose model has a shape");
    }

    /**
     * The shape.
     *
     * @param longest tokens of the longest sequence
     */
    Gpt2Config config(int longest) {
        Gpt2Config base =
                switch (name()) {
                    case "nano" -> Gpt2Config.nano().withVocabulary(NANO_VOCABULARY, NANO_VOCABULARY - 1);
                    case "nano50k" -> Gpt2Config.nano();
                    case "small" -> Gpt2Config.small();
                    case "medium" -> Gpt2Config.medium();
                    case "large" -> Gpt2Config.large();
                    default -> throw new SettingException("--size", size, "nano, nano50k, small, medium or large");
                };
        return new Gpt2Config(
                base.vocabulary(),
                longest <= SHORT ? SHORT : Math.max(LONG, longest),
                or("--width", width, base.width(), WIDEST),
                or("--layers", layers, base.layers(), MOST_LAYERS),
                or("--heads", heads, base.heads(), WIDEST),
                base.layerNormEpsilon(),
                base.ends().get(0));
    }

    private static int or(String option, @Nullable Integer given, int otherwise, int most) {
        if (given == null) {
            return otherwise;
        }
        SettingException.require(given >= 1 && given <= most, option, given, "1 to " + most);
        return given;
    }
}
