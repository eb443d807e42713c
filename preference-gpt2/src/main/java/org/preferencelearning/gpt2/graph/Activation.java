package org.preferencelearning.gpt2.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What the feed-forward part of a block does to each number between its two maps. */
public enum Activation {
    /** GELU in its tanh form, GPT-2's: {@code 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}. */
    GELU_TANH("gelu_new", "gelu_pytorch_tanh"),
    /** GELU itself: {@code 0.5 x (1 + erf(x / sqrt(2)))}. */
    GELU_ERF("gelu", "gelu_python");

    private final List<String> names;

    Activation(String... names) {
        this.names = List.of(names);
    }

    /** Hugging Face's name of it. */
    public String text() {
        return names.get(0);
    }

    /** The activation of one of Hugging Face's names. */
    static Optional<Activation> of(String name) {
        return Arrays.stream(values())
                .filter(activation -> activation.names.contains(name))
                .findFirst();
    }

    /** The names that {@link #of} knows. */
    static List<String> known() {
        return Arrays.stream(values())
                .flatMap(activation -> activation.names.stream())
                .toList();
    }
}
