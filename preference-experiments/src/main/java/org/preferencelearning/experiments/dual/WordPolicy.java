package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.gpt2.model.Gpt2Policy;

/** A GPT-2's probability of every response of a {@link DualTokenText}, and the way back to its parameters. */
final class WordPolicy {
    private final DualTokenText world;
    private final Gpt2Policy policy;
    /** Every prompt, then every prompt with every first word. */
    private final List<TokenSequence> contexts = new ArrayList<>();

    private @Nullable ForwardPass last;

    /** @param policy over exactly the world's words; stays the caller's */
    WordPolicy(DualTokenText world, Gpt2Policy policy) {
        this.world = world;
        this.policy = policy;
        for (int x = 0; x < world.prompts(); x++) {
            contexts.add(new TokenSequence(new int[] {x}, 0));
        }
        for (int x = 0; x < world.prompts(); x++) {
            for (int a = 0; a < world.words(); a++) {
                contexts.add(new TokenSequence(new int[] {x, a}, 0));
            }
        }
    }

    /** Logarithm of the probability of every response, by prompt; each row sums to 1 in double precision. */
    double[][] logProbabilities() {
        last = policy.nextTokens(contexts);
        double[] values = last.values();
        int words = world.words();
        double[][] table = new double[world.prompts()][world.responses()];
        for (int x = 0; x < table.length; x++) {
            for (int a = 0; a < words; a++) {
                double first = values[x * words + a];
                int second = second(x, a);
                for (int b = 0; b < words; b++) {
                    table[x][world.response(a, b)] = first + values[second + b];
                }
            }
        }
        return table;
    }

    /** Adds to the parameters' gradient what follows from that by the last {@link #logProbabilities}. */
    void backward(double[][] gradient) {
        int words = world.words();
        double[] upstream = new double[contexts.size() * words];
        for (int x = 0; x < gradient.length; x++) {
            for (int a = 0; a < words; a++) {
                int second = second(x, a);
                for (int b = 0; b < words; b++) {
                    double one = gradient[x][world.response(a, b)];
                    upstream[x * words + a] += one;
                    upstream[second + b] = one;
                }
            }
        }
        requireNonNull(last, "last").backward(upstream);
    }

    /** Where the second words' values begin. */
    private int second(int prompt, int first) {
        return (world.prompts() + prompt * world.words() + first) * world.words();
    }
}
