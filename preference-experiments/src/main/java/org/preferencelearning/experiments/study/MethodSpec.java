package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/** A way to learn from preference pairs. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MethodSpec.RewardModelMethod.class, name = "reward_model"),
    @JsonSubTypes.Type(value = MethodSpec.DirectMethod.class, name = "direct")
})
public sealed interface MethodSpec {
    /** Short name for tables. */
    String label();

    /** How it is trained. */
    TrainingSettings training();

    /** How pairs become tokens. */
    Tokenization tokenization();

    /** The same method trained otherwise. */
    MethodSpec training(UnaryOperator<TrainingSettings> change);

    /** The same method with sequences of at most {@code tokens} tokens. */
    MethodSpec maxLength(int tokens);

    /**
     * A reward model trained with the Bradley-Terry loss.
     *
     * @param training how
     * @param tokenization how pairs become tokens
     * @param trained which of its parameters are trained
     * @param dropout probability that a value is dropped in training, 0 to below 1
     */
    record RewardModelMethod(
            TrainingSettings training, Tokenization tokenization, ParameterSelection trained, double dropout)
            implements MethodSpec {
        public RewardModelMethod {
            SettingException.require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0 and below 1");
            requireNonNull(trained, "trained");
            requireNonNull(training, "training");
            requireNonNull(tokenization, "tokenization");
        }

        @Override
        public String label() {
            return trained.equals(ParameterSelection.all()) ? "reward model" : "reward model " + trained;
        }

        /** The same method with only some parameters trained, as in a weak reward model on a frozen backbone. */
        public RewardModelMethod training(ParameterSelection trained) {
            return new RewardModelMethod(training, tokenization, trained, dropout);
        }

        /** The same method with another dropout. */
        public RewardModelMethod dropout(double probability) {
            return new RewardModelMethod(training, tokenization, trained, probability);
        }

        @Override
        public RewardModelMethod training(UnaryOperator<TrainingSettings> change) {
            return new RewardModelMethod(change.apply(training), tokenization, trained, dropout);
        }

        @Override
        public RewardModelMethod maxLength(int tokens) {
            return new RewardModelMethod(training, tokenization.withMaxLength(tokens), trained, dropout);
        }
    }

    /**
     * A policy trained directly on pairs.
     *
     * @param loss a name of {@link PreferenceLosses}
     * @param beta scale of the implicit reward, above 0
     * @param training how
     * @param tokenization how pairs become tokens
     */
    record DirectMethod(String loss, double beta, TrainingSettings training, Tokenization tokenization)
            implements MethodSpec {
        public DirectMethod {
            PreferenceLosses.named(loss, beta);
            requireNonNull(training, "training");
            requireNonNull(tokenization, "tokenization");
        }

        @Override
        public String label() {
            return loss.equals("sigmoid") ? "DPO" : "DPO " + loss;
        }

        /** The same method with another beta. */
        public DirectMethod beta(double beta) {
            return new DirectMethod(loss, beta, training, tokenization);
        }

        /** The same method with another loss of the catalogue. */
        public DirectMethod loss(String loss) {
            return new DirectMethod(loss, beta, training, tokenization);
        }

        @Override
        public DirectMethod training(UnaryOperator<TrainingSettings> change) {
            return new DirectMethod(loss, beta, change.apply(training), tokenization);
        }

        @Override
        public DirectMethod maxLength(int tokens) {
            return new DirectMethod(loss, beta, training, tokenization.withMaxLength(tokens));
        }
    }
}
