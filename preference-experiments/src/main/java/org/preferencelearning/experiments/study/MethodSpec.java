package org.preferencelearning.experiments.study;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.function.UnaryOperator;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLoss;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLoss;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.task.Described;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/** A way to learn from preference pairs. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = MethodSpec.RewardModelMethod.class, name = "reward_model"),
    @JsonSubTypes.Type(value = MethodSpec.DirectMethod.class, name = "direct"),
    @JsonSubTypes.Type(value = MethodSpec.OwnMethod.class, name = "own")
})
public sealed interface MethodSpec {
    /** The name it was given, or nothing. */
    String name();

    /** Short name for tables and claims: the one it was given, or what it is. */
    @JsonIgnore
    String label();

    /** How it is trained. */
    TrainingSettings training();

    /** How pairs become tokens. */
    Tokenization tokenization();

    /** The same method under another name. */
    MethodSpec named(String name);

    /** The same method trained otherwise. */
    MethodSpec training(UnaryOperator<TrainingSettings> change);

    /** The same method with sequences of at most {@code tokens} tokens. */
    MethodSpec maxLength(int tokens);

    /** The same methods; those that would be called the same and differ in beta are told apart by it. */
    static List<MethodSpec> toldApart(List<MethodSpec> methods) {
        return methods.stream()
                .map(method -> method instanceof DirectMethod direct
                                && methods.stream()
                                        .filter(other -> other != method)
                                        .anyMatch(other -> direct.differsInBeta(other))
                        ? direct.named(
                                direct.label() + ", beta " + direct.loss().beta())
                        : method)
                .toList();
    }

    private static void requireName(String name) {
        SettingException.require(name.equals(name.strip()), "named", "'" + name + "'", "no blanks at its ends");
    }

    /**
     * A reward model.
     *
     * @param name of it, or nothing
     * @param loss of its rewards; Bradley-Terry unless said otherwise
     * @param training how
     * @param tokenization how pairs become tokens
     * @param trained which of its parameters are trained
     * @param dropout probability that a value is dropped in training, 0 to below 1
     */
    record RewardModelMethod(
            String name,
            RewardLoss loss,
            TrainingSettings training,
            Tokenization tokenization,
            ParameterSelection trained,
            double dropout)
            implements MethodSpec {
        public RewardModelMethod {
            requireName(name);
            Described.require("loss", loss, RewardLoss.class);
            SettingException.require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0 and below 1");
            requireNonNull(trained, "trained");
            requireNonNull(training, "training");
            requireNonNull(tokenization, "tokenization");
        }

        @Override
        public String label() {
            if (!name.isEmpty()) {
                return name;
            }
            return "reward model"
                    + (loss.equals(BradleyTerry.plain()) ? "" : " " + loss.name())
                    + (trained.equals(ParameterSelection.all()) ? "" : " " + trained);
        }

        @Override
        public RewardModelMethod named(String name) {
            return new RewardModelMethod(name, loss, training, tokenization, trained, dropout);
        }

        /** The same method with another loss: a record of your own, or of this package. */
        public RewardModelMethod loss(RewardLoss loss) {
            return new RewardModelMethod(name, loss, training, tokenization, trained, dropout);
        }

        /** The same method with only some parameters trained, as in a weak reward model on a frozen backbone. */
        public RewardModelMethod training(ParameterSelection trained) {
            return new RewardModelMethod(name, loss, training, tokenization, trained, dropout);
        }

        /** The same method with another dropout. */
        public RewardModelMethod dropout(double probability) {
            return new RewardModelMethod(name, loss, training, tokenization, trained, probability);
        }

        @Override
        public RewardModelMethod training(UnaryOperator<TrainingSettings> change) {
            return new RewardModelMethod(name, loss, change.apply(training), tokenization, trained, dropout);
        }

        @Override
        public RewardModelMethod maxLength(int tokens) {
            return new RewardModelMethod(name, loss, training, tokenization.withMaxLength(tokens), trained, dropout);
        }
    }

    /**
     * A policy trained directly on pairs.
     *
     * @param name of it, or nothing
     * @param loss of the catalogue, or a record of your own
     * @param training how
     * @param tokenization how pairs become tokens
     */
    record DirectMethod(String name, PreferenceLoss loss, TrainingSettings training, Tokenization tokenization)
            implements MethodSpec {
        public DirectMethod {
            requireName(name);
            loss = CatalogueLoss.written(loss);
            Described.require("loss", loss, PreferenceLoss.class);
            requireNonNull(training, "training");
            requireNonNull(tokenization, "tokenization");
        }

        @Override
        public String label() {
            if (!name.isEmpty()) {
                return name;
            }
            return loss.name().equals("sigmoid") ? "DPO" : "DPO " + loss.name();
        }

        private boolean differsInBeta(MethodSpec other) {
            return name.isEmpty()
                    && other instanceof DirectMethod direct
                    && direct.label().equals(label())
                    && direct.loss.beta() != loss.beta();
        }

        @Override
        public DirectMethod named(String name) {
            return new DirectMethod(name, loss, training, tokenization);
        }

        /** The same method with another beta of its loss of the catalogue. */
        public DirectMethod beta(double beta) {
            return loss(CatalogueLoss.withBeta(loss, beta));
        }

        /** The same method with another loss of the catalogue, by a name of {@link PreferenceLosses}. */
        public DirectMethod loss(String name) {
            return loss(new CatalogueLoss(name, loss.beta()));
        }

        /** The same method with another loss: of the catalogue, or a record of your own. */
        public DirectMethod loss(PreferenceLoss loss) {
            return new DirectMethod(name, loss, training, tokenization);
        }

        @Override
        public DirectMethod training(UnaryOperator<TrainingSettings> change) {
            return new DirectMethod(name, loss, change.apply(training), tokenization);
        }

        @Override
        public DirectMethod maxLength(int tokens) {
            return new DirectMethod(name, loss, training, tokenization.withMaxLength(tokens));
        }
    }

    /**
     * A method of the user's own.
     *
     * @param name of it, or nothing for its own label
     * @param method a record
     * @param training how
     * @param tokenization how pairs become tokens
     */
    record OwnMethod(String name, PairMethod method, TrainingSettings training, Tokenization tokenization)
            implements MethodSpec {
        public OwnMethod {
            requireName(name);
            Described.require("method", method, PairMethod.class);
            requireNonNull(training, "training");
            requireNonNull(tokenization, "tokenization");
        }

        @Override
        public String label() {
            return name.isEmpty() ? method.label() : name;
        }

        @Override
        public OwnMethod named(String name) {
            return new OwnMethod(name, method, training, tokenization);
        }

        @Override
        public OwnMethod training(UnaryOperator<TrainingSettings> change) {
            return new OwnMethod(name, method, change.apply(training), tokenization);
        }

        @Override
        public OwnMethod maxLength(int tokens) {
            return new OwnMethod(name, method, training, tokenization.withMaxLength(tokens));
        }
    }
}
