package org.preferencelearning.gpt2.model;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.internal.graph.TransformerGraph;

/** Some of a GPT-2's parameters. Its text form is that of {@link Object#toString}. */
public sealed interface ParameterGroup {
    /** Whether the group holds a parameter. */
    boolean contains(String parameter, Gpt2Config config);

    /** The token embeddings {@code wte} and with them an output head that is tied to them; not the positions. */
    static ParameterGroup embeddings() {
        return new Whole(Part.EMBEDDINGS);
    }

    /** The position embeddings {@code wpe}. */
    static ParameterGroup positions() {
        return new Whole(Part.POSITIONS);
    }

    /** The normalisation after the last block, {@code ln_f}. */
    static ParameterGroup finalNorm() {
        return new Whole(Part.FINAL_NORM);
    }

    /** The feed-forward part of the last block. */
    static ParameterGroup lastMlp() {
        return new Whole(Part.LAST_MLP);
    }

    /** The head that is a matrix of its own: the scalar head of a reward model, or of a policy one that is not tied. */
    static ParameterGroup head() {
        return new Whole(Part.HEAD);
    }

    /**
     * Blocks {@code from} to {@code to - 1}, counted from 0.
     *
     * @throws SettingException if {@code from} is negative or not below {@code to}
     */
    static ParameterGroup blocks(int from, int to) {
        return new Blocks(from, to);
    }

    /** One parameter by its name, for example {@code h.0.ln_1.weight}. */
    static ParameterGroup named(String name) {
        return new Named(name);
    }

    /**
     * Reads a text form: {@code embeddings}, {@code positions}, {@code final-norm}, {@code last-mlp}, {@code head},
     * {@code blocks(0..15)} or the name of a parameter.
     */
    static ParameterGroup parse(String text) {
        for (Part part : Part.values()) {
            if (part.text().equals(text)) {
                return new Whole(part);
            }
        }
        Matcher blocks = Blocks.TEXT.matcher(text);
        if (blocks.matches()) {
            return new Blocks(Integer.parseInt(blocks.group(1)), Integer.parseInt(blocks.group(2)));
        }
        SettingException.require(
                text.contains("."),
                "parameters",
                text,
                "embeddings, positions, final-norm, last-mlp, head, blocks(FROM..TO) or a parameter's name");
        return new Named(text);
    }

    /** Parts that every model has one of. */
    enum Part {
        EMBEDDINGS,
        POSITIONS,
        FINAL_NORM,
        LAST_MLP,
        HEAD;

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** A part as a whole. */
    record Whole(Part part) implements ParameterGroup {
        @Override
        public boolean contains(String parameter, Gpt2Config config) {
            return switch (part) {
                case EMBEDDINGS -> parameter.equals(Gpt2Body.TOKEN_EMBEDDING);
                case POSITIONS -> parameter.equals(Gpt2Body.POSITION_EMBEDDING);
                case FINAL_NORM -> parameter.startsWith("ln_f.");
                case LAST_MLP -> parameter.startsWith("h." + (config.layers() - 1) + ".mlp.");
                case HEAD -> parameter.equals(Gpt2Parameters.SCORE) || parameter.equals(Gpt2Parameters.OUTPUT_HEAD);
            };
        }

        @Override
        public String toString() {
            return part.text();
        }
    }

    /**
     * A run of blocks.
     *
     * @param from the first, from 0
     * @param to one after the last, at most the number of blocks
     */
    record Blocks(int from, int to) implements ParameterGroup {
        private static final Pattern TEXT = Pattern.compile("blocks\\((\\d{1,6})\\.\\.(\\d{1,6})\\)");

        public Blocks {
            SettingException.require(
                    from >= 0 && from < to, "blocks", from + ".." + to, "a first block from 0 and below the end");
        }

        @Override
        public boolean contains(String parameter, Gpt2Config config) {
            SettingException.require(
                    to <= config.layers(), "blocks", this, "blocks 0 to " + config.layers() + ", the model's");
            int layer = TransformerGraph.layerOf(config, parameter);
            return parameter.startsWith("h.") && layer >= from && layer < to;
        }

        @Override
        public String toString() {
            return "blocks(" + from + ".." + to + ")";
        }
    }

    /** A single parameter. */
    record Named(String name) implements ParameterGroup {
        @Override
        public boolean contains(String parameter, Gpt2Config config) {
            return parameter.equals(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
