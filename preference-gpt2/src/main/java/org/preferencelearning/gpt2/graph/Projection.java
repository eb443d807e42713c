package org.preferencelearning.gpt2.graph;

/** The four linear maps of a block. */
public enum Projection {
    /** Queries, keys and values: {@code attn.c_attn}, from width to three times width. */
    ATTENTION_INPUT("attn.c_attn", 1, 3),
    /** Joined heads: {@code attn.c_proj}, from width to width. */
    ATTENTION_OUTPUT("attn.c_proj", 1, 1),
    /** Into the feed-forward part: {@code mlp.c_fc}, from width to four times width. */
    MLP_INPUT("mlp.c_fc", 1, 4),
    /** Out of it: {@code mlp.c_proj}, from four times width to width. */
    MLP_OUTPUT("mlp.c_proj", 4, 1);

    private final String module;
    private final int inputs;
    private final int outputs;

    Projection(String module, int inputs, int outputs) {
        this.module = module;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** Hugging Face's name of the module within a block. */
    public String module() {
        return module;
    }

    /** Inputs in a model of the given width. */
    public long inputs(int width) {
        return (long) inputs * width;
    }

    /** Outputs in a model of the given width. */
    public long outputs(int width) {
        return (long) outputs * width;
    }
}
