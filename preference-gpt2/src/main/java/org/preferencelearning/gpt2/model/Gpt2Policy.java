package org.preferencelearning.gpt2.model;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.GenerativePolicy;
import org.preferencelearning.core.model.ParameterStore;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.model.TokenDistributions;
import org.preferencelearning.core.model.TokenPass;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TokenScores;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.model.LanguageModelHead.Scored;

/**
 * GPT-2 as a policy: log-probabilities of responses, with an output head tied to the token embeddings or of its own, and
 * sampling. Dropout is off. Owns native memory until closed. It serves one thread at a time: what another asks for in the meantime,
 * closing included, is refused with a {@link org.preferencelearning.core.error.ConcurrentUseException}, and everything after
 * closing with a {@link org.preferencelearning.core.error.ClosedException}.
 */
public final class Gpt2Policy extends Gpt2Model implements TokenPolicy, GenerativePolicy {
    private Gpt2Policy(Gpt2Config config, ParameterStore parameters, Optional<LoraSettings> lora, Computing computing) {
        super(config, parameters, lora, Gpt2Parameters.head(config), computing);
    }

    private static Gpt2Policy of(
            Gpt2Config config, Map<String, INDArray> tensors, ParameterSelection trained, Computing computing) {
        return new Gpt2Policy(config, Gpt2Parameters.store(config, tensors, trained), Optional.empty(), computing);
    }

    /** A policy with random weights, all trained. */
    public static Gpt2Policy random(Gpt2Config config, RandomSource random) {
        return random(config, random, ParameterSelection.all());
    }

    /**
     * A policy with random weights.
     *
     * @throws SettingException if the selection names what the model has not
     */
    public static Gpt2Policy random(Gpt2Config config, RandomSource random, ParameterSelection trained) {
        return of(config, Gpt2Parameters.initial(config, random), trained, Computing.standard());
    }

    /**
     * A policy from a folder in Hugging Face's layout: its {@code config.json} and weights.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if a file is missing or not what it should be
     */
    public static Gpt2Policy load(Path folder, ParameterSelection trained) {
        Gpt2Policy policy = load(Gpt2Config.readFolder(folder), folder, trained);
        policy.tokenizerFrom(folder);
        return policy;
    }

    /**
     * A policy with the weights of a file (safetensors or PyTorch's {@code .bin}), of an index of shards, or of a folder,
     * in Hugging Face's names.
     *
     * @param trained which parameters are trained; the others are frozen
     * @throws org.preferencelearning.core.error.MemoryException if there is no memory for the weights
     * @throws org.preferencelearning.gpt2.weights.WeightsFormatException if a tensor is missing, of another shape or not finite
     * @throws SettingException if the selection names what the model has not
     */
    public static Gpt2Policy load(Gpt2Config config, Path file, ParameterSelection trained) {
        return of(config, Gpt2Parameters.read(config, file, false), trained, Computing.standard());
    }

    /** The same policy in double precision on the processor, for checks; its memory is its own. */
    public Gpt2Policy inDoublePrecision() {
        Map<String, INDArray> copies = parameters.use("copying its weights", () -> {
            requireMemory(parameters.all(), DataType.DOUBLE);
            Map<String, INDArray> doubles = new LinkedHashMap<>();
            parameters
                    .all()
                    .forEach(parameter -> doubles.put(
                            parameter.name(),
                            parameter.readValue().castTo(DataType.DOUBLE).dup()));
            return doubles;
        });
        return new Gpt2Policy(
                config,
                Gpt2Parameters.store(copies, name -> parameters.get(name).trained()),
                lora,
                Computing.EXACT);
    }

    /** A policy with copies of this one's weights, adapters merged into them, which computes where and as this one does. */
    public Gpt2Policy copy(ParameterSelection trained) {
        return of(config, mergedCopies(), trained, computing());
    }

    /** A policy with copies of this one's weights, frozen, and fresh adapters, which are trained; it says the same. */
    public Gpt2Policy withLora(LoraSettings settings, RandomSource random) {
        return adapted(config, settings, mergedCopies(), Adapters.initial(config, settings, random));
    }

    /**
     * Whether a folder holds adapters, as {@link #saveAdapter} and the peft library write them.
     *
     * @throws org.preferencelearning.core.error.SettingException if it holds a model's weights too
     */
    public static boolean isAdapter(Path folder) {
        return AdapterFolder.isOne(folder);
    }

    /**
     * The model that a folder's adapters are of, a folder or a name on the Hub; empty where the folder says none.
     *
     * @throws org.preferencelearning.core.error.DataFormatException if the folder holds no adapters
     */
    public static Optional<String> baseOfAdapter(Path folder) {
        return AdapterFolder.base(folder);
    }

    /**
     * A policy with copies of this one's weights, frozen, and the adapters of a folder that {@link #saveAdapter} or the
     * peft library wrote; the adapters are trained, and with them the parameters that the folder replaces. Where it replaces
     * the token embeddings or the output head, these are no longer tied to each other.
     *
     * @throws org.preferencelearning.core.error.PreferenceException if a file is missing or not what it should be
     */
    public Gpt2Policy withAdapter(Path folder) {
        AdapterConfig adapter = AdapterFolder.readConfig(folder, config, false);
        Map<String, INDArray> trained = AdapterFolder.readTensors(folder, config, adapter, false);
        Map<String, INDArray> tensors = mergedCopies();
        boolean untied = adapter.saved().contains(Gpt2Body.TOKEN_EMBEDDING)
                || adapter.saved().contains(Gpt2Parameters.OUTPUT_HEAD);
        if (untied && config.tiedHead()) {
            tensors.put(
                    Gpt2Parameters.OUTPUT_HEAD,
                    requireNonNull(tensors.get(Gpt2Body.TOKEN_EMBEDDING), Gpt2Body.TOKEN_EMBEDDING)
                            .dup('c'));
        }
        return adapted(config.withTiedHead(config.tiedHead() && !untied), adapter.lora(), tensors, trained);
    }

    /** Of these tensors, and others to be trained in their place or beside them. */
    private Gpt2Policy adapted(
            Gpt2Config form, LoraSettings settings, Map<String, INDArray> tensors, Map<String, INDArray> trained) {
        return new Gpt2Policy(
                form,
                Gpt2Parameters.store(replaced(tensors, trained), trained::containsKey),
                Optional.of(settings),
                computing());
    }

    @Override
    ObjectNode configJson() {
        ObjectNode json = config.toJson();
        json.putArray("architectures").add("GPT2LMHeadModel");
        return json;
    }

    @Override
    String taskType() {
        return "CAUSAL_LM";
    }

    @Override
    public List<List<Rollout>> sample(List<SamplingRequest> requests, SamplingSettings settings) {
        return parameters.use("sampling", () -> {
            beginEvaluation();
            return new Gpt2Sampler(engine(), config).sample(requests, settings);
        });
    }

    /**
     * {@inheritDoc}
     *
     * @throws NonFiniteException if one is not finite
     */
    @Override
    public double[] logProbabilities(List<TokenSequence> sequences) {
        return parameters.use("scoring", () -> {
            beginEvaluation();
            return ScoringBatches.score("the log-probability", sequences, part -> {
                TokenBatch batch = TokenBatch.of(part, config);
                return sums(batch, engine().logProbabilities(batch, scored(batch), false, Optional.empty()));
            });
        });
    }

    /** Of each sequence, from those of its tokens. */
    private static double[] sums(TokenBatch batch, double[] logProbabilities) {
        double[] sums = new double[batch.sequences().size()];
        int i = 0;
        for (int member = 0; member < sums.length; member++) {
            int end = i + batch.sequences().get(member).responseLength();
            for (; i < end; i++) {
                sums[member] += logProbabilities[i];
            }
        }
        return sums;
    }

    @Override
    public void check(TokenSequence sequence) {
        super.check(sequence);
        requirePrompt(sequence);
    }

    private static void requirePrompt(TokenSequence sequence) {
        SettingException.require(sequence.promptLength() > 0, "sequence", sequence, "a prompt of at least one token");
    }

    /** Response token t is predicted where token t - 1 stands; one sequence after the other. */
    private static List<Scored> scored(TokenBatch batch) {
        List<Scored> scored = new ArrayList<>();
        for (int member = 0; member < batch.sequences().size(); member++) {
            TokenSequence sequence = batch.sequences().get(member);
            requirePrompt(sequence);
            for (int t = sequence.promptLength(); t < sequence.length(); t++) {
                scored.add(new Scored(batch.position(member, t - 1), sequence.token(t)));
            }
        }
        return scored;
    }

    @Override
    public ForwardPass forward(List<TokenSequence> sequences) {
        return parameters.use("a forward pass", () -> {
            int evaluation = beginEvaluation();
            TokenBatch batch = engine().batch(sequences);
            List<Scored> scored = scored(batch);
            double[] sums = sums(batch, engine().logProbabilities(batch, scored, true, Optional.empty()));
            return new OnePass(sums, parameters, () -> isCurrent(evaluation), upstream -> {
                beginEvaluation();
                backward(batch, scored, upstream);
            });
        });
    }

    private void backward(TokenBatch batch, List<Scored> scored, double[] upstream) {
        double[] perToken = new double[scored.size()];
        int start = 0;
        for (int member = 0; member < upstream.length; member++) {
            int end = start + batch.sequences().get(member).responseLength();
            Arrays.fill(perToken, start, end, upstream[member]);
            start = end;
        }
        engine().addGradient(batch, scored, perToken);
    }

    @Override
    public TokenPass forwardTokens(List<TokenSequence> sequences, boolean distributions) {
        return parameters.use("a forward pass", () -> {
            int evaluation = beginEvaluation();
            TokenBatch batch = engine().batch(sequences);
            List<Scored> scored = scored(batch);
            Optional<TokenDistributions> said = distributions(distributions, scored.size());
            double[] logProbabilities = engine().logProbabilities(batch, scored, true, said);
            return new OnePass(logProbabilities, said, parameters, () -> isCurrent(evaluation), upstream -> {
                beginEvaluation();
                engine().addGradient(batch, scored, upstream);
            });
        });
    }

    /**
     * {@inheritDoc}
     *
     * @throws NonFiniteException if a log-probability is not finite
     */
    @Override
    public TokenScores tokenScores(List<TokenSequence> sequences, boolean distributions) {
        int[] starts = new int[sequences.size() + 1];
        for (int i = 0; i < sequences.size(); i++) {
            starts[i + 1] = starts[i] + sequences.get(i).responseLength();
        }
        int tokens = starts[sequences.size()];
        TokenScores scores = new TokenScores(new double[tokens], distributions(distributions, tokens));
        parameters.use("scoring", () -> {
            beginEvaluation();
            for (List<Integer> part : ScoringBatches.parts(sequences)) {
                TokenBatch batch =
                        TokenBatch.of(part.stream().map(sequences::get).toList(), config);
                List<Scored> scored = scored(batch);
                Optional<TokenDistributions> said = distributions(distributions, scored.size());
                double[] logProbabilities = engine().logProbabilities(batch, scored, false, said);
                int from = 0;
                for (int index : part) {
                    int length = sequences.get(index).responseLength();
                    System.arraycopy(logProbabilities, from, scores.logProbabilities(), starts[index], length);
                    if (distributions) {
                        copy(said.orElseThrow(), from, scores.distributions().orElseThrow(), starts[index], length);
                    }
                    from += length;
                }
            }
        });
        NonFiniteException.requireFinite("the log-probability of token", scores.logProbabilities());
        return scores;
    }

    private static Optional<TokenDistributions> distributions(boolean wanted, int tokens) {
        return wanted
                ? Optional.of(new TokenDistributions(
                        new double[tokens], new double[tokens], new double[tokens], new boolean[tokens]))
                : Optional.empty();
    }

    private static void copy(TokenDistributions from, int at, TokenDistributions into, int start, int length) {
        System.arraycopy(from.entropies(), at, into.entropies(), start, length);
        System.arraycopy(from.collisions(), at, into.collisions(), start, length);
        System.arraycopy(from.meanLogits(), at, into.meanLogits(), start, length);
        System.arraycopy(from.likeliest(), at, into.likeliest(), start, length);
    }

    /**
     * The log-probability of every token after each of some texts, to be differentiated: where responses are few enough to be
     * summed over, objectives are sums over these. Logarithms and their gradient are taken in double precision.
     *
     * @param contexts not empty; the last token of each is what the distribution follows
     * @return {@code contexts * vocabulary} values, one context after the other
     */
    public ForwardPass nextTokens(List<TokenSequence> contexts) {
        return parameters.use("a forward pass", () -> {
            int evaluation = beginEvaluation();
            TokenBatch batch = TokenBatch.of(contexts, config);
            int[] last = batch.lastPositions();
            double[] logProbabilities = LogSoftmax.of(engine().logits(batch, last, true), config.vocabulary());
            NonFiniteException.requireFinite("the log-probability of token", logProbabilities);
            return new OnePass(logProbabilities, parameters, () -> isCurrent(evaluation), upstream -> {
                beginEvaluation();
                engine().addGradientOfLogits(
                                batch, last, LogSoftmax.gradient(logProbabilities, upstream, config.vocabulary()));
            });
        });
    }

    /**
     * Logits of every position of one sequence, {@code [length, vocabulary]}.
     *
     * @return a new array, the caller's
     */
    public INDArray logits(int[] tokens) {
        return parameters.use("computing logits", () -> {
            beginEvaluation();
            TokenBatch batch = TokenBatch.of(List.of(new TokenSequence(tokens, 0)), config);
            int[] positions = new int[tokens.length];
            for (int i = 0; i < positions.length; i++) {
                positions[i] = i;
            }
            double[] logits = engine().logits(batch, positions, false);
            try (INDArray values = Nd4j.createFromArray(logits)) {
                return values.reshape(positions.length, config.vocabulary())
                        .castTo(type())
                        .dup('c');
            }
        });
    }

    /**
     * Probability of every token after a prompt.
     *
     * @param temperature logits are divided by it, {@link SamplingSettings#MIN_TEMPERATURE} to
     *     {@link SamplingSettings#MAX_TEMPERATURE}
     * @throws NonFiniteException if one is not finite
     */
    public double[] nextTokenProbabilities(int[] prompt, double temperature) {
        SettingException.requireBetween(
                "temperature", temperature, SamplingSettings.MIN_TEMPERATURE, SamplingSettings.MAX_TEMPERATURE);
        return parameters.use("computing probabilities", () -> {
            beginEvaluation();
            TokenBatch batch = TokenBatch.of(List.of(new TokenSequence(prompt, 0)), config);
            double[] probabilities = engine().distribution(batch, prompt.length - 1, temperature);
            NonFiniteException.requireFinite("the probability of token", probabilities);
            return probabilities;
        });
    }

    @Override
    public void close() {
        parameters.close(() -> engine().close());
    }
}
