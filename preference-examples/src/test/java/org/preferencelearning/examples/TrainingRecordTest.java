package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.model.Trainable;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.LanguageModellingObjective;
import org.preferencelearning.core.train.Metrics;
import org.preferencelearning.core.train.TrainingException;
import org.preferencelearning.core.train.TrainingObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.experiments.run.ConsoleProgress;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.model.Gpt2Policy;

class TrainingRecordTest {
    private static final TokenSequence TEXT = new TokenSequence(new int[] {1, 2, 3}, 1);

    @TempDir
    Path folder;

    /** Breaks a weight that no text uses, or fails, at the third update. */
    private record Breaking(TrainingObjective<TokenSequence> like, boolean fails, int[] updates)
            implements TrainingObjective<TokenSequence> {
        @Override
        public Trainable model() {
            return like.model();
        }

        @Override
        public double weight(TokenSequence example) {
            return like.weight(example);
        }

        @Override
        public List<TokenSequence> sequences(TokenSequence example) {
            return like.sequences(example);
        }

        @Override
        public Metrics accumulate(List<TokenSequence> batch, double scale) {
            if (++updates[0] == 3) {
                if (fails) {
                    throw new TrainingException("failed");
                }
                model().parameters().get("wpe.weight").value().putScalar(7, 0, Float.NaN);
            }
            return like.accumulate(batch, scale);
        }

        @Override
        public Metrics evaluate(List<TokenSequence> batch) {
            return like.evaluate(batch);
        }
    }

    private void train(boolean fails) {
        try (Gpt2Policy policy = Gpt2Policy.random(new Gpt2Config(10, 8, 8, 1, 2, 1e-5, 9), RandomSource.of(1))) {
            TrainingRecord.of(
                    "training",
                    new Breaking(new LanguageModellingObjective(policy), fails, new int[1]),
                    List.of(TEXT),
                    TrainingSettings.defaults().withEpochs(3),
                    RandomSource.of(1),
                    Optional.of(folder.resolve("metrics")),
                    Optional.of(folder.resolve("tensorboard")),
                    ConsoleProgress.standard(),
                    new Output(new PrintStream(PrintStream.nullOutputStream())));
        }
    }

    @Test
    void weightsThatAreNotFiniteAtTheEndAreFound() {
        assertThatThrownBy(() -> train(false))
                .isInstanceOf(TrainingException.class)
                .hasMessage("after the last update, weights of 'wpe.weight' are not finite; nothing is saved");
        assertThat(folder.resolve("metrics")).content().hasLineCount(3);
    }

    @Test
    void aTrainingThatFailsLeavesTheMetricsSoFar() throws IOException {
        assertThatThrownBy(() -> train(true))
                .isInstanceOf(TrainingException.class)
                .hasMessage("failed");
        assertThat(folder.resolve("metrics")).content().hasLineCount(2);
        // whole frames of the two updates, beside that of the version
        try (Stream<Path> files = Files.list(folder.resolve("tensorboard"))) {
            String events = Files.readString(files.findFirst().orElseThrow(), StandardCharsets.ISO_8859_1);
            assertThat(events.split("train/loss", -1)).hasSize(1 + 2);
        }
    }
}
