package org.preferencelearning.experiments.dual;

import static java.util.Objects.requireNonNull;

import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.experiments.internal.tasks.PolicyCodec;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;

/**
 * A GPT-2 with random weights, fine-tuned on a world's text by the exact cross-entropy: the reference policy. What it then
 * says is the reference, not the text.
 *
 * @param world whose text
 * @param model its shape
 * @param rounds how long it is fine-tuned
 * @param learningRate at the beginning of each round
 * @param seed of world and weights
 */
record MakeReference(DualTokenText world, WordModel model, Rounds rounds, double learningRate, long seed)
        implements Task<Gpt2Policy> {
    /** References need not rest precisely: whatever they say is the reference. */
    private static final Rounds ROUNDS = new Rounds(100, 3, 1e-3);

    /** Far from where AdamW diverges on models this small. */
    private static final double RATE = 3e-3;

    /** Of studies in such worlds. */
    static MakeReference of(DualTokenText world, WordModel model, long seed) {
        return new MakeReference(world, model, ROUNDS, RATE, seed);
    }

    MakeReference {
        requireNonNull(world, "world");
        requireNonNull(model, "model");
        requireNonNull(rounds, "rounds");
    }

    /** The world of this seed. */
    DualTokenText.Drawn drawn() {
        return world.draw(random().stream("world"));
    }

    /** The generator that everything of this seed is drawn from, by names. */
    RandomSource random() {
        return RandomSource.of(seed);
    }

    @Override
    public Gpt2Policy run(TaskContext context) {
        double[][] text = drawn().text();
        double[][] gradient = Population.scaled(drawn().text(), -1.0 / world.prompts());
        try (Gpt2Policy policy = Gpt2Policy.random(model.config(world), random().stream("weights"))) {
            WordPolicy table = new WordPolicy(world, policy);
            new Ascent(rounds, learningRate, context)
                    .run(
                            label(),
                            policy.parameters(),
                            () -> {
                                table.logProbabilities();
                                table.backward(gradient);
                            },
                            updates -> crossEntropy(text, table.logProbabilities()));
            // without gradients
            return policy.copy(ParameterSelection.none());
        }
    }

    private static double crossEntropy(double[][] text, double[][] log) {
        double sum = 0;
        for (int x = 0; x < text.length; x++) {
            for (int y = 0; y < text[x].length; y++) {
                sum -= text[x][y] * log[x][y];
            }
        }
        return sum / text.length;
    }

    /** What the world of this seed asks, with this reference. */
    Population population(Gpt2Policy reference, double beta) {
        return new Population(drawn().reward(), new WordPolicy(world, reference).logProbabilities(), beta);
    }

    @Override
    public Codec<Gpt2Policy> codec() {
        return new PolicyCodec();
    }

    @Override
    public String label() {
        return "reference policy, seed " + seed;
    }
}
