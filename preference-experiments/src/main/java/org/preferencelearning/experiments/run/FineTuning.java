package org.preferencelearning.experiments.run;

import java.util.List;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.experiments.study.FineTuningSpec;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Packing;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/** The policy that a study starts from: one that exists, perhaps fine-tuned on chosen responses, or random weights so tuned. */
final class FineTuning {
    private static final String STREAM = "base";
    /** Of the order of examples: the same in every study. */
    private static final long ORDER_SEED = 42;

    private FineTuning() {}

    /**
     * The policy.
     *
     * @param longest most tokens of a sequence in the study
     * @param seed of random weights
     */
    static Gpt2Policy policy(
            ModelSpec model,
            PreferenceDataset data,
            Tokenizer tokenizer,
            int longest,
            long seed,
            Models models,
            TrackedTrainer trainer) {
        if (model instanceof ModelSpec.Pretrained pretrained) {
            return models.policy(pretrained.source(), ParameterSelection.none(), tokenizer);
        }
        Gpt2Policy policy;
        FineTuningSpec spec;
        if (model instanceof ModelSpec.FineTuned existing) {
            policy = models.policy(existing.source(), ParameterSelection.all(), tokenizer);
            spec = existing.fineTuning();
        } else {
            ModelSpec.Fresh fresh = (ModelSpec.Fresh) model;
            Gpt2Config config = fresh.config().withVocabulary(tokenizer.vocabulary(), tokenizer.endOfText());
            config = config.withPositions(Math.min(config.positions(), longest));
            policy = Gpt2Policy.random(config, RandomSource.of(seed).stream(STREAM));
            spec = fresh.fineTuning();
        }
        try {
            List<TokenSequence> sequences = sequences(
                    data, tokenizer, spec, Math.min(longest, policy.config().positions()));
            trainer.train(
                    "fine-tuning",
                    new LanguageModellingObjective(policy),
                    sequences,
                    spec.training(),
                    RandomSource.of(ORDER_SEED));
        } catch (RuntimeException e) {
            policy.close();
            throw e;
        }
        return policy;
    }

    private static List<TokenSequence> sequences(
            PreferenceDataset data, Tokenizer tokenizer, FineTuningSpec spec, int longest) {
        if (spec.packedLength() == 0) {
            Tokenization tokenization = Tokenization.onlineStudy().withMaxLength(longest);
            return PairTokenizer.encode(data, tokenizer, tokenization).pairs().stream()
                    .map(TokenPair::chosen)
                    .toList();
        }
        SettingException.require(
                spec.packedLength() <= longest,
                "packedLength",
                spec.packedLength(),
                "at most " + longest + ", the longest sequence of the model and the study");
        List<int[]> texts = data.pairs().stream()
                .map(pair -> tokenizer.encode(pair.prompt() + pair.chosen()))
                .toList();
        return Packing.pack(texts, tokenizer.endOfText(), spec.packedLength());
    }
}
