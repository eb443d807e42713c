package org.preferencelearning.experiments.dual;

import java.util.List;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.gpt2.graph.Gpt2Config;

/**
 * The shape of a GPT-2 for a {@link DualTokenText}, whose words are its tokens; none of them ends a text.
 *
 * @param width of hidden vectors, a multiple of heads
 * @param layers blocks, at least 2, so that the first can be frozen
 * @param heads of attention, at least 1
 */
public record WordModel(int width, int layers, int heads) {
    /** Prompt, first and second word. */
    private static final int POSITIONS = 3;

    private static final double EPSILON = 1e-5;

    public WordModel {
        SettingException.requireAtLeast("layers", layers, 2);
        SettingException.requireAtLeast("heads", heads, 1);
        SettingException.require(
                width >= heads && width % heads == 0, "width", width, "a multiple of heads, which is " + heads);
    }

    /** 2 blocks of width 32 with 2 heads. */
    public static WordModel standard() {
        return new WordModel(32, 2, 2);
    }

    Gpt2Config config(DualTokenText world) {
        return new Gpt2Config(world.words(), POSITIONS, width, layers, heads, EPSILON, 0).withEnds(List.of());
    }
}
