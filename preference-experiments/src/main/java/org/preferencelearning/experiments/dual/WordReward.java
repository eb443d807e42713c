package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;

/** A GPT-2's reward of every response of a {@link DualTokenText}, which it reads to the end or only to the first word. */
final class WordReward {
    private final DualTokenText world;
    private final Gpt2RewardModel model;
    private final boolean firstWordOnly;
    private final List<TokenSequence> sequences = new ArrayList<>();
    private @Nullable ForwardPass last;

    /** @param model stays the caller's */
    WordReward(DualTokenText world, Gpt2RewardModel model, boolean firstWordOnly) {
        this.world = world;
        this.model = model;
        this.firstWordOnly = firstWordOnly;
        for (int x = 0; x < world.prompts(); x++) {
            for (int a = 0; a < world.words(); a++) {
                if (firstWordOnly) {
                    sequences.add(new TokenSequence(new int[] {x, a}, 1));
                } else {
                    for (int b = 0; b < world.words(); b++) {
                        sequences.add(new TokenSequence(new int[] {x, a, b}, 1));
                    }
                }
            }
        }
    }

    /** Reward by prompt and response. */
    double[][] rewards() {
        last = model.forward(sequences);
        double[] values = last.values();
        double[][] table = new double[world.prompts()][world.responses()];
        for (int x = 0; x < table.length; x++) {
            for (int y = 0; y < world.responses(); y++) {
                table[x][y] = values[place(x, y)];
            }
        }
        return table;
    }

    /** Adds to the parameters' gradient what follows from that by the last {@link #rewards}. */
    void backward(double[][] gradient) {
        double[] upstream = new double[sequences.size()];
        for (int x = 0; x < gradient.length; x++) {
            for (int y = 0; y < world.responses(); y++) {
                upstream[place(x, y)] += gradient[x][y];
            }
        }
        requireNonNull(last, "last").backward(upstream);
    }

    private int place(int prompt, int response) {
        return firstWordOnly
                ? prompt * world.words() + response / world.words()
                : prompt * world.responses() + response;
    }
}
