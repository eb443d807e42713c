package org.preferencelearning.gpt2.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The four linear maps of a block. */
public enum Projection {
    /** Queries, keys and values: {@code attn.c_attn}, from width to three times width. */
    ATTENTION_INPUT("attn.c_attn"),
    /** Joined heads: {@code attn.c_proj}, from width to width. */
    ATTENTION_OUTPUT("attn.c_proj"),
    /** Into the feed-forward part: {@code mlp.c_fc}, from width to {@link Gpt2Config#inner}. */
    MLP_INPUT("mlp.c_fc"),
    /** Out of it: {@code mlp.c_proj}, from {@link Gpt2Config#inner} to width. */
    MLP_OUTPUT("mlp.c_proj");

    private final String module;

    Projection(String module) {
        this.module = module;
    }

    /** Hugging Face's name of the module within a block. */
    public String module() {
        return module;
    }

    /** The projection of a module such as {@code h.0.attn.c_attn}, if it is one. */
    public static Optional<Projection> of(String module) {
        return Arrays.stream(values())
                .filter(projection -> module.endsWith("." + projection.module))
                .findFirst();
    }

    /** The projections of a model as modules such as {@code h.0.attn.c_attn}, block after block. */
    public static List<String> modules(Gpt2Config config) {
        List<String> modules = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            for (Projection projection : values()) {
                modules.add("h." + layer + "." + projection.module);
            }
        }
        return modules;
    }

    /** Inputs in a model. */
    public long inputs(Gpt2Config config) {
        return this == MLP_OUTPUT ? config.inner() : config.width();
    }

    /** Outputs in a model. */
    public long outputs(Gpt2Config config) {
        return switch (this) {
            case ATTENTION_INPUT -> 3L * config.width();
            case MLP_INPUT -> config.inner();
            case ATTENTION_OUTPUT, MLP_OUTPUT -> config.width();
        };
    }
}
