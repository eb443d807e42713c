package org.preferencelearning.examples;

import static java.util.Objects.requireNonNull;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.Policy;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.MomentPrecision;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.Trainer;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.KernelClock;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.model.Gpt2Plan;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.Gpt2RewardModel;
import org.preferencelearning.gpt2.model.ParameterSelection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures training, scoring and sampling on random weights and tokens. */
@Command(
        name = "bench",
        description = "Measure updates, scoring and sampling of a GPT-2 with random weights; one JSON line each.")
final class BenchCommand implements Callable<Integer> {
    private static final double BYTES_PER_MEBIBYTE = 1024.0 * 1024;
    /** Updates of different shapes, where they differ. */
    private static final int BATCHES = 16;
    /** So low that losses do not vanish: then gradients would, and what takes time with them would not be measured. */
    private static final double LEARNING_RATE = 1e-8;
    /** Weights and tokens are the same ones in every run. */
    private static final long SEED = 41;

    private static final int MOST = 1_000_000;

    private final Output output;

    @Mixin
    private CommonOptions options;

    @Mixin
    private DeviceOption device;

    @Mixin
    private ShapeOptions shape;

    /** What can be measured. */
    enum Work {
        /** DPO updates: forward, loss, backward, clipping and AdamW. */
        DPO,
        /** Bradley-Terry updates of a reward model. */
        REWARD,
        /** Rewards of sequences. */
        SCORE,
        /** Sampling. */
        GENERATE,
        /** Writing a model's folder and loading it. */
        LOAD
    }

    private static final Set<Work> UPDATES = EnumSet.of(Work.DPO, Work.REWARD);
    private static final Set<Work> OF_PAIRS = EnumSet.of(Work.DPO, Work.REWARD, Work.SCORE);
    private static final Set<Work> SAMPLING = EnumSet.of(Work.GENERATE);
    /** Options that say something of some works alone. */
    private static final Map<String, Set<Work>> WORKS_OF = Map.ofEntries(
            Map.entry("--pairs", OF_PAIRS),
            Map.entry("--length", OF_PAIRS),
            Map.entry("--shortest", OF_PAIRS),
            Map.entry("--micro-batch", UPDATES),
            Map.entry("--train", UPDATES),
            Map.entry("--moments", UPDATES),
            Map.entry("--no-saving", UPDATES),
            Map.entry("--prompts", SAMPLING),
            Map.entry("--prompt-length", SAMPLING),
            Map.entry("--new-tokens", SAMPLING),
            Map.entry("--samples", SAMPLING),
            Map.entry("--temperature", SAMPLING),
            Map.entry("--warmup", EnumSet.complementOf(EnumSet.of(Work.LOAD))),
            Map.entry("--precision", EnumSet.complementOf(EnumSet.of(Work.LOAD))));

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "WORK", arity = "1..*", description = "${COMPLETION-CANDIDATES}.")
    private List<Work> works;

    @Option(names = "--vocabulary", description = "Tokens, instead of the size's.")
    private @Nullable Integer vocabulary;

    @Option(names = "--pairs", description = "Pairs in an update, or half the sequences scored (default: 8).")
    private int pairs = 8;

    @Option(names = "--length", description = "Tokens of a sequence; half of them are its prompt (default: 128).")
    private int length = 128;

    @Option(
            names = "--shortest",
            description = "Tokens of the shortest sequence; updates then differ in shape (default: --length).")
    private int shortest;

    @Option(names = "--micro-batch", description = "Pairs evaluated at once (default: all).")
    private int microBatch;

    @Option(names = "--prompts", description = "Prompts to continue (default: 16).")
    private int prompts = 16;

    @Option(names = "--prompt-length", description = "Tokens of a prompt (default: 64).")
    private int promptLength = 64;

    @Option(names = "--new-tokens", description = "Tokens of a response, all of them drawn (default: 64).")
    private int newTokens = 64;

    @Option(names = "--samples", description = "Responses to a prompt (default: 2).")
    private int samples = 2;

    @Option(names = "--temperature", description = "Of sampling (default: 0.7).")
    private double temperature = 0.7;

    @Option(
            names = "--train",
            description = "Parameters to train, e.g. frozen:embeddings,blocks(0..15) (default: all).")
    private String train = "all";

    @Option(names = "--repeats", description = "Measured repetitions (default: 5).")
    private int repeats = 5;

    @Option(names = "--warmup", description = "Repetitions before them (default: 2).")
    private int warmup = 2;

    @Option(names = "--precision", description = "Of products with weights: FLOAT32 or BFLOAT16 (default: FLOAT32).")
    private MatrixPrecision precision = MatrixPrecision.FLOAT32;

    @Option(names = "--moments", description = "Of AdamW: FLOAT32 or BFLOAT16 (default: FLOAT32).")
    private MomentPrecision moments = MomentPrecision.FLOAT32;

    @Option(names = "--no-saving", description = "Reference scored in every update, head at every position.")
    private boolean noSaving;

    BenchCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() throws Exception {
        check();
        Gpt2Config config = shape.config(Math.max(length, promptLength + newTokens));
        if (vocabulary != null) {
            config = config.withVocabulary(vocabulary, vocabulary - 1);
        }
        for (Work work : works) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("work", work.name().toLowerCase(Locale.ROOT));
            line.put("size", shape.name());
            line.put("parameters", config.parameters());
            switch (work) {
                case DPO -> dpo(config, line);
                case REWARD -> reward(config, line);
                case SCORE -> score(config, line);
                case GENERATE -> generate(config, line);
                case LOAD -> load(config, line);
            }
            line.put("peakResidentBytes", Measurement.peakResidentBytes());
            output.json(line);
        }
        return Preference.DONE;
    }

    private void check() {
        WORKS_OF.forEach((option, of) -> SettingException.require(
                works.stream().anyMatch(of::contains)
                        || !command.commandLine().getParseResult().hasMatchedOption(option),
                option,
                "given",
                "nothing, unless one of the works is of " + new TreeSet<>(of)));
        requireRange("--pairs", pairs, 1);
        requireRange("--length", length, 2);
        SettingException.require(
                shortest == 0 || (shortest >= 2 && shortest <= length),
                "--shortest",
                shortest,
                "2 to --length, " + length);
        requireRange("--micro-batch", microBatch, 0);
        requireRange("--prompts", prompts, 1);
        requireRange("--prompt-length", promptLength, 1);
        requireRange("--new-tokens", newTokens, 1);
        requireRange("--samples", samples, 1);
        requireRange("--repeats", repeats, 1);
        requireRange("--warmup", warmup, 0);
        SamplingSettings.requireTemperature("--temperature", temperature);
        if (vocabulary != null) {
            requireRange("--vocabulary", vocabulary, 2);
        }
    }

    private static void requireRange(String option, int value, int least) {
        SettingException.require(value >= least && value <= MOST, option, value, least + " to " + MOST);
    }

    private void dpo(Gpt2Config config, Map<String, Object> line) {
        ParameterSelection selection = ParameterSelection.parse(train);
        try (Gpt2Policy policy = Gpt2Policy.random(config, random().stream("policy"), selection)) {
            policy.precision(precision);
            List<TokenPair> data = data(config);
            Gpt2Policy frozen = policy.copy(ParameterSelection.none());
            ReferencePolicy remembered = ReferencePolicy.of(frozen);
            frozen.precision(precision);
            Policy reference = noSaving ? frozen : remembered;
            if (!noSaving) {
                List<TokenSequence> sequences = new ArrayList<>();
                data.forEach(pair -> sequences.addAll(List.of(pair.chosen(), pair.rejected())));
                remembered.precompute(sequences);
                frozen.close();
            }
            line.put("noSaving", noSaving);
            line.put("precision", precision.name());
            line.put(
                    "plannedPeakBytes",
                    Gpt2Plan.training(config, selection, 2 * (microBatch > 0 ? microBatch : pairs), length, true)
                            .peakBytes(precision));
            train(
                    new PreferenceObjective(policy, reference, PreferenceLosses.dpo(0.1)),
                    policy.clock(),
                    data,
                    config,
                    line);
            if (noSaving) {
                frozen.close();
            }
        }
    }

    private void reward(Gpt2Config config, Map<String, Object> line) {
        try (Gpt2RewardModel model = rewardModel(config, ParameterSelection.parse(train))) {
            model.precision(precision);
            train(new RewardObjective(model, RewardLosses.bradleyTerry()), model.clock(), data(config), config, line);
        }
    }

    private Gpt2RewardModel rewardModel(Gpt2Config config, ParameterSelection trained) {
        try (Gpt2Policy policy = Gpt2Policy.random(config, random().stream("policy"), ParameterSelection.none())) {
            return Gpt2RewardModel.from(policy, random().stream("score"), trained);
        }
    }

    private void train(
            TrainingObjective<TokenPair> objective,
            KernelClock clock,
            List<TokenPair> data,
            Gpt2Config config,
            Map<String, Object> line) {
        int batches = data.size() / pairs;
        TrainingSettings settings = TrainingSettings.defaults()
                .withEpochs((warmup + repeats + batches - 1) / batches)
                .withBatchSize(pairs, microBatch > 0 ? microBatch : pairs)
                .withLearningRate(LEARNING_RATE)
                .withWeightDecay(0.05)
                .withMomentPrecision(moments);
        List<Long> times = new ArrayList<>();
        List<Long> resident = new ArrayList<>();
        long[] last = {System.nanoTime()};
        Trainer.train(objective, data, settings, random(), report -> {
            times.add(System.nanoTime() - last[0]);
            resident.add(Measurement.residentBytes());
            if (times.size() == warmup) {
                clock.reset();
            }
            last[0] = System.nanoTime();
        });
        Measurement measurement = Measurement.of(times.subList(warmup, times.size()));
        line.put("pairs", pairs);
        line.put("length", length);
        if (shortest > 0) {
            line.put("shortest", shortest);
        }
        line.put("moments", moments.name());
        line.put("trained", objective.model().parameters().trainedCount());
        measurement.addTo(line);
        line.put("pairsPerSecond", pairs / measurement.medianSeconds());
        line.put("tokensPerSecond", 2.0 * pairs * length / measurement.medianSeconds());
        Measurement.addSlope(line, "residentBytesPerUpdate", resident.subList(warmup, resident.size()));
        measurement.addShares(line, clock.seconds());
        Measurement.addMatrixProducts(line, updateFlops(config), measurement.medianSeconds());
    }

    /**
     * Products of matrices in an update: forward once, backward twice that; the head at scored positions. Counted as if
     * every sequence had a row of its own and the full length, so that a prompt computed once for two of them raises the
     * share of the peak, and so do shorter sequences.
     */
    private double updateFlops(Gpt2Config config) {
        double positions = 2.0 * pairs * length;
        double body = 12.0 * config.layers() * config.width() * config.width();
        double attention = 2.0 * config.layers() * config.width() * length;
        double scored = 2.0 * pairs * (noSaving ? length : length / 2.0);
        double head = (double) config.vocabulary() * config.width();
        return 3 * 2 * (positions * (body + attention) + scored * head);
    }

    private void score(Gpt2Config config, Map<String, Object> line) {
        try (Gpt2RewardModel model = rewardModel(config, ParameterSelection.none())) {
            model.precision(precision);
            List<TokenSequence> sequences = new ArrayList<>();
            data(config).forEach(pair -> sequences.addAll(List.of(pair.chosen(), pair.rejected())));
            Measurement measurement = measure(model.clock(), () -> model.rewards(sequences));
            line.put("sequences", sequences.size());
            line.put("precision", precision.name());
            line.put("length", length);
            measurement.addTo(line);
            line.put("tokensPerSecond", sequences.size() * (double) length / measurement.medianSeconds());
            measurement.addShares(line, model.clock().seconds());
        }
    }

    private void generate(Gpt2Config config, Map<String, Object> line) {
        try (Gpt2Policy policy = Gpt2Policy.random(config, random().stream("policy"), ParameterSelection.none())) {
            policy.precision(precision);
            RandomSource random = random().stream("prompts");
            List<int[]> tokens = new ArrayList<>();
            for (int i = 0; i < prompts; i++) {
                tokens.add(tokens(promptLength, config, random));
            }
            SamplingSettings settings = SamplingSettings.of(newTokens)
                    .withTemperature(temperature)
                    .withSamplesPerPrompt(samples)
                    .withStopAtEndOfText(false);
            List<SamplingRequest> requests = SamplingRequest.of(tokens, SEED);
            Measurement measurement = measure(policy.clock(), () -> policy.sample(requests, settings));
            line.put("prompts", prompts);
            line.put("promptLength", promptLength);
            line.put("newTokens", newTokens);
            line.put("samples", samples);
            line.put("precision", precision.name());
            measurement.addTo(line);
            line.put("tokensPerSecond", (double) prompts * samples * newTokens / measurement.medianSeconds());
            measurement.addShares(line, policy.clock().seconds());
        }
    }

    private Measurement measure(KernelClock clock, Runnable work) {
        Measurement.of(0, warmup, work);
        clock.reset();
        return Measurement.of(0, repeats, work);
    }

    private void load(Gpt2Config config, Map<String, Object> line) throws Exception {
        Path folder = Files.createTempDirectory("bench").resolve("model");
        try {
            try (Gpt2Policy policy = Gpt2Policy.random(config, random(), ParameterSelection.none())) {
                Measurement save = Measurement.of(0, 1, () -> policy.save(folder));
                line.put("saveMillis", save.medianSeconds() * 1000);
            }
            Measurement measurement =
                    Measurement.of(0, repeats, () -> Gpt2Policy.load(folder, ParameterSelection.none())
                            .close());
            measurement.addTo(line);
            line.put(
                    "mebibytesPerSecond",
                    Files.size(folder.resolve("model.safetensors")) / BYTES_PER_MEBIBYTE / measurement.medianSeconds());
        } finally {
            MoreFiles.deleteRecursively(
                    requireNonNull(folder.getParent(), "parent"), RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }

    private List<TokenPair> data(Gpt2Config config) {
        RandomSource random = random().stream("data");
        int shapes = shortest > 0 ? BATCHES : 1;
        return IntStream.range(0, pairs * shapes)
                .mapToObj(i ->
                        pair(shapes > 1 ? shortest + random.nextInt(length - shortest + 1) : length, config, random))
                .toList();
    }

    private TokenPair pair(int length, Gpt2Config config, RandomSource random) {
        int prompt = noSaving ? 1 : length / 2;
        int[] chosen = tokens(length, config, random);
        int[] rejected = tokens(length, config, random);
        System.arraycopy(chosen, 0, rejected, 0, length / 2);
        return TokenPair.of(new TokenSequence(chosen, prompt), new TokenSequence(rejected, prompt));
    }

    private static int[] tokens(int count, Gpt2Config config, RandomSource random) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> random.nextInt(config.vocabulary()));
        return tokens;
    }

    private RandomSource random() {
        return RandomSource.of(SEED);
    }
}
