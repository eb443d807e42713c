package org.preferencelearning.gpt2.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.RewardLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LearningRateSchedule;
import org.preferencelearning.core.train.MomentPrecision;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.RewardObjective;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingRun;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.Projection;
import org.preferencelearning.gpt2.weights.StateFolder;

/** A small training of each kind, made afresh as often as it is asked for. Its {@code main} goes on from a saved state. */
final class ResumableTraining implements AutoCloseable {
    private static final Gpt2Config SMALL = new Gpt2Config(40, 64, 16, 2, 2, 1e-5, 39);
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults()
            .withEpochs(2)
            .withBatchSize(4, 2)
            .withLearningRate(1e-2)
            .withWeightDecay(0.01)
            .withSchedule(LearningRateSchedule.COSINE, 2);

    enum Kind {
        /** In micro-batches. */
        DPO,
        LORA,
        ROUNDED_MOMENTS,
        /**
         * Gradients of matrices are kept as factors where sequences are short enough, and a pair at a time, so that it is a
         * matter of the order which parameters have a gradient of their own by when.
         */
        DEFERRED_GRADIENTS,
        DOUBLE_PRECISION,
        REWARD_MODEL_WITH_DROPOUT;

        private static final Set<Kind> OF_THE_HOST = EnumSet.of(ROUNDED_MOMENTS, DOUBLE_PRECISION);

        /** Those that are computed where models are unless they are told otherwise. */
        static List<Kind> here() {
            boolean host = !Computing.standard().device().isTorch();
            return Stream.of(values())
                    .filter(kind -> host || !OF_THE_HOST.contains(kind))
                    .toList();
        }
    }

    private final List<Trainable> models = new ArrayList<>();
    private final ComputeDevice device;
    private final TrainingRun<TokenPair> run;

    private ResumableTraining(Kind kind, ComputeDevice device) {
        this.device = device;
        run = switch (kind) {
            case DPO -> dpo(own(policy(SMALL)), SMALL, SETTINGS);
            case LORA ->
                dpo(
                        own(own(policy(SMALL))
                                .withLora(
                                        LoraSettings.of(3, 6, Projection.ATTENTION_INPUT, Projection.MLP_OUTPUT),
                                        RandomSource.of(2))),
                        SMALL,
                        SETTINGS);
            case ROUNDED_MOMENTS ->
                dpo(own(policy(SMALL)), SMALL, SETTINGS.withMomentPrecision(MomentPrecision.BFLOAT16));
            case DEFERRED_GRADIENTS -> {
                Gpt2Config wide = new Gpt2Config(400, 64, 128, 2, 2, 1e-5, 399);
                yield dpo(
                        own(policy(wide)),
                        wide,
                        SETTINGS.withBatchSize(1, 1).withEpochs(1).withMaxGradientNorm(0.01));
            }
            case DOUBLE_PRECISION -> dpo(own(own(policy(SMALL)).inDoublePrecision()), SMALL, SETTINGS);
            case REWARD_MODEL_WITH_DROPOUT -> {
                Gpt2RewardModel model = own(Gpt2RewardModel.from(own(policy(SMALL)), RandomSource.of(3)));
                model.dropout(0.1, RandomSource.of(4).stream("dropout"));
                yield run(new RewardObjective(model, RewardLosses.bradleyTerry()), SMALL, SETTINGS);
            }
        };
    }

    static ResumableTraining of(Kind kind) {
        return new ResumableTraining(kind, Computing.standard().device());
    }

    static ResumableTraining of(Kind kind, ComputeDevice device) {
        return new ResumableTraining(kind, device);
    }

    TrainingRun<TokenPair> run() {
        return run;
    }

    /** Goes on to the end. */
    List<StepReport> finish() {
        List<StepReport> reports = new ArrayList<>();
        while (!run.done()) {
            reports.add(run.step());
        }
        return reports;
    }

    private <M extends Gpt2Model> M own(M model) {
        models.add(model);
        if (!model.device().equals(device)) {
            model.device(device);
        }
        return model;
    }

    private static Gpt2Policy policy(Gpt2Config config) {
        return Gpt2Policy.random(config, RandomSource.of(1));
    }

    private TrainingRun<TokenPair> dpo(Gpt2Policy policy, Gpt2Config config, TrainingSettings settings) {
        Gpt2Policy reference = own(policy(config));
        return run(
                new PreferenceObjective(policy, ReferencePolicy.of(reference), PreferenceLosses.dpo(0.1)),
                config,
                settings);
    }

    private TrainingRun<TokenPair> run(
            TrainingObjective<TokenPair> objective, Gpt2Config config, TrainingSettings settings) {
        RandomSource random = RandomSource.of(5);
        List<TokenPair> pairs = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            int[] prompt = tokens(2 + random.nextInt(4), config, random);
            // every third is long
            int more = i % 3 == 0 ? 40 : 1;
            pairs.add(TokenPair.of(response(prompt, more, config, random), response(prompt, more, config, random)));
        }
        return TrainingRun.start(objective, pairs, settings, RandomSource.of(6));
    }

    private static TokenSequence response(int[] prompt, int more, Gpt2Config config, RandomSource random) {
        int[] response = tokens(more + random.nextInt(6), config, random);
        int[] tokens = Arrays.copyOf(prompt, prompt.length + response.length);
        System.arraycopy(response, 0, tokens, prompt.length, response.length);
        return new TokenSequence(tokens, prompt.length);
    }

    private static int[] tokens(int count, Gpt2Config config, RandomSource random) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> random.nextInt(config.vocabulary()));
        return tokens;
    }

    @Override
    public void close() {
        run.close();
        models.forEach(Trainable::close);
    }

    /**
     * Goes on from saved states and saves the ends.
     *
     * @param args for each training its kind, the folder of its state, and that of its end
     */
    public static void main(String[] args) {
        for (int i = 0; i < args.length; i += 3) {
            try (ResumableTraining training = of(Kind.valueOf(args[i]))) {
                StateFolder.read(Path.of(args[i + 1]), training.run);
                training.finish();
                StateFolder.write(Path.of(args[i + 2]), training.run);
            }
        }
    }
}
