package org.preferencelearning.experiments.run;

import java.util.List;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.experiments.study.ModelSpec;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/** The policy that a study starts from: a pretrained one as it is, or random weights fine-tuned on chosen responses. */
final class FineTuning {
    private static final String STREAM = "base";

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
            return models.policy(pretrained, tokenizer);
        }
        ModelSpec.Fresh fresh = (ModelSpec.Fresh) model;
        Gpt2Config config = fresh.config().withVocabulary(tokenizer.vocabulary(), tokenizer.endOfText());
        config = config.withPositions(Math.min(config.positions(), longest));
        Gpt2Policy policy = Gpt2Policy.random(config, RandomSource.of(seed).stream(STREAM));
        List<TokenSequence> chosen =
                PairTokenizer.encode(data, tokenizer, Tokenization.onlineStudy().withMaxLength(config.positions()))
                        .pairs()
                        .stream()
                        .map(TokenPair::chosen)
                        .toList();
        trainer.train("fine-tuning", new LanguageModellingObjective(policy), chosen, fresh.fineTuning());
        return policy;
    }
}
