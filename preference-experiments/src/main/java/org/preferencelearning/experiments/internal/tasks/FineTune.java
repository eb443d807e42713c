package org.preferencelearning.experiments.internal.tasks;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.FineTuningSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.experiments.task.Codec;
import org.preferencelearning.experiments.task.Task;
import org.preferencelearning.experiments.task.TaskContext;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Packing;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/**
 * The policy that a study starts from: one that exists, perhaps fine-tuned on chosen responses, or random weights so tuned.
 *
 * @param model which; which parameters the study's policies train is not told, as it changes nothing here
 * @param weights SHA-256 of weights that exist; empty for random ones
 * @param pairs whose chosen responses it learns
 * @param seed of random weights and of the order of examples
 */
public record FineTune(ModelSpec model, String weights, LoadPairs pairs, long seed) implements Task<Gpt2Policy> {
    public FineTune {
        requireNonNull(model, "model");
        requireNonNull(weights, "weights");
        requireNonNull(pairs, "pairs");
        model = model.training(ParameterSelection.all());
    }

    /** The task for a model whose weights are hashed by {@code contents}. */
    public static FineTune of(ModelSpec model, Contents contents, LoadPairs pairs, long seed) {
        String weights = model.weights().map(contents::ofModel).orElse("");
        return new FineTune(model, weights, pairs, seed);
    }

    @Override
    public Gpt2Policy run(TaskContext context) {
        StudyData data = context.get(pairs);
        Models models = new Models(context.progress());
        if (model instanceof ModelSpec.Pretrained pretrained) {
            return models.policy(pretrained.source(), ParameterSelection.none(), data.tokenizer());
        }
        FineTuningSpec spec = model instanceof ModelSpec.FineTuned existing
                ? existing.fineTuning()
                : ((ModelSpec.Fresh) model).fineTuning();
        try (Gpt2Policy policy = start(models, data)) {
            Training.of(context, label(), RandomSource.of(seed).stream("fine-tuning"))
                    .run(
                            new LanguageModellingObjective(policy),
                            sequences(data, spec, policy.config().positions()),
                            spec.training());
            // without gradients
            return policy.copy(ParameterSelection.none());
        }
    }

    /**
     * Checks a selection for policies that begin as this one.
     *
     * @param score whether they become reward models
     */
    public void requireFits(ParameterSelection trained, boolean score, TaskContext context) {
        trained.requireFits(
                model instanceof ModelSpec.Fresh fresh
                        ? fresh.config()
                        : new Models(context.progress()).config(model.weights().orElseThrow()),
                score);
    }

    private Gpt2Policy start(Models models, StudyData data) {
        if (model instanceof ModelSpec.Fresh fresh) {
            return Gpt2Policy.random(
                    fresh.config()
                            .withVocabulary(
                                    data.tokenizer().vocabulary(),
                                    data.tokenizer().endOfText()),
                    RandomSource.of(seed).stream("base"));
        }
        return models.policy(model.weights().orElseThrow(), ParameterSelection.all(), data.tokenizer());
    }

    private static List<TokenSequence> sequences(StudyData data, FineTuningSpec spec, int positions) {
        if (spec.packedLength() == 0) {
            Tokenization tokenization = Tokenization.onlineStudy().withMaxLength(Math.min(spec.maxLength(), positions));
            return PairTokenizer.encode(data.train(), data.tokenizer(), tokenization).pairs().stream()
                    .map(TokenPair::chosen)
                    .toList();
        }
        SettingException.require(
                spec.packedLength() <= positions,
                "packedLength",
                spec.packedLength(),
                "at most " + positions + ", the model's longest sequence");
        List<int[]> texts = data.train().pairs().stream()
                .map(pair -> data.tokenizer().encode(pair.prompt() + pair.chosen()))
                .toList();
        return Packing.pack(texts, data.tokenizer().endOfText(), spec.packedLength());
    }

    @Override
    public Codec<Gpt2Policy> codec() {
        return model instanceof ModelSpec.Pretrained ? Codec.none() : new PolicyCodec();
    }

    @Override
    public String label() {
        return "fine-tuned policy";
    }
}
