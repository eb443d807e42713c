package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.ClosedException;
import org.preferencelearning.core.error.ConcurrentUseException;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.AdamW;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.LoraSettings;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.graph.Projection;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OneThreadAtATimeTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(50, 64, 32, 2, 2, 1e-5, 49);
    private static final int SCORINGS = 60;

    @TempDir
    Path folder;

    private final Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
    private final Gpt2RewardModel rewards = Gpt2RewardModel.from(policy, RandomSource.of(2));
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    @AfterEach
    void close() {
        threads.shutdownNow();
        policy.close();
        rewards.close();
    }

    @Test
    void twoThreadsGetTheRightNumbersOrATypedError() throws Exception {
        List<TokenSequence> one = sequences(10);
        List<TokenSequence> other = sequences(20);
        double[] right = policy.logProbabilities(one);
        double[] rightOther = policy.logProbabilities(other);
        Future<List<double[]>> first = threads.submit(scorings(() -> policy.logProbabilities(one)));
        Future<List<double[]>> second = threads.submit(scorings(() -> policy.logProbabilities(other)));
        assertThat(first.get()).allSatisfy(sums -> assertThat(sums).containsExactly(right));
        assertThat(second.get()).allSatisfy(sums -> assertThat(sums).containsExactly(rightOther));
        assertThat(first.get().size() + second.get().size()).isPositive();
        assertThat(policy.logProbabilities(one)).containsExactly(right);
    }

    /** What was not refused. */
    private static Callable<List<double[]>> scorings(Callable<double[]> scoring) {
        return () -> {
            List<double[]> results = new ArrayList<>();
            for (int i = 0; i < SCORINGS; i++) {
                try {
                    results.add(scoring.call());
                } catch (ConcurrentUseException e) {
                    assertThat(e).hasMessageContaining("(scoring)");
                }
            }
            return results;
        };
    }

    /** Of everything that a model offers, while another thread is in the middle of it. */
    @Test
    void whoComesSecondIsRefusedWithBothNames() throws Exception {
        ForwardPass pass = policy.forward(sequences(3));
        try (AdamW optimizer = new AdamW(policy.parameters(), new AdamConstants(0.9, 0.999, 1e-8), 0)) {
            Map<String, ThrowingCallable> uses = uses(policy, folder.resolve("second"));
            uses.put("a backward pass", () -> pass.backward(new double[3]));
            uses.put("an update of its weights", () -> optimizer.step(1e-3));
            uses.put("closing", policy::close);
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            Future<?> holder = threads.submit(() -> {
                Thread.currentThread().setName("holder");
                policy.parameters().use("a long scoring", () -> {
                    inside.countDown();
                    await(release);
                });
            });
            inside.await();
            uses.forEach((name, use) -> assertThatThrownBy(use)
                    .as(name)
                    .isInstanceOf(ConcurrentUseException.class)
                    .hasMessageContaining("thread 'holder' (a long scoring)")
                    .hasMessageContaining("thread '" + Thread.currentThread().getName() + "' (" + name + ")"));
            release.countDown();
            holder.get();
        }
        // nothing was touched
        pass.backward(new double[3]);
        assertThat(folder.resolve("second")).doesNotExist();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void closingDuringAScoringIsRefusedAndWorksAfterIt() throws Exception {
        List<TokenSequence> many = sequences(300);
        double[] right = policy.logProbabilities(many);
        int refused = 0;
        for (int i = 0; i < 5; i++) {
            Gpt2Policy copy = policy.copy(ParameterSelection.none());
            CountDownLatch begun = new CountDownLatch(1);
            Future<double[]> scoring = threads.submit(() -> copy.parameters().use("scoring", () -> {
                begun.countDown();
                return copy.logProbabilities(many);
            }));
            begun.await();
            for (boolean closed = false; !closed; ) {
                try {
                    copy.close();
                    closed = true;
                } catch (ConcurrentUseException e) {
                    refused++;
                    Thread.sleep(1);
                }
            }
            assertThat(scoring.get()).containsExactly(right);
        }
        assertThat(refused).isPositive();
    }

    @Test
    void whatIsClosedSaysSo() {
        ForwardPass pass = policy.forward(sequences(3));
        Map<String, ThrowingCallable> uses = uses(policy, folder.resolve("closed"));
        policy.close();
        policy.close();
        uses.put("a backward pass", () -> pass.backward(new double[3]));
        uses.forEach((name, use) -> assertThatThrownBy(use)
                .as(name)
                .isInstanceOf(ClosedException.class)
                .hasMessage("the model is closed: " + name + " is no longer possible"));
        assertThatThrownBy(() -> policy.parameters().all()).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> policy.parameters().get("wte.weight")).isInstanceOf(ClosedException.class);
        assertThat(folder.resolve("closed")).doesNotExist();
        rewards.close();
        rewards.close();
        assertThatThrownBy(() -> rewards.rewards(sequences(1))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> rewards.forward(sequences(1))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> rewards.copy(ParameterSelection.none())).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> rewards.dropout(0.1, RandomSource.of(1))).isInstanceOf(ClosedException.class);
    }

    /** By what they are called in messages. */
    private static Map<String, ThrowingCallable> uses(Gpt2Policy policy, Path file) {
        Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
        uses.put("scoring", () -> policy.logProbabilities(sequences(3)));
        uses.put("a forward pass", () -> policy.forward(sequences(3)));
        uses.put(
                "sampling",
                () -> policy.sample(SamplingRequest.of(List.of(new int[] {1, 2}), 1), SamplingSettings.of(3)));
        uses.put("computing logits", () -> policy.logits(new int[] {1, 2}));
        uses.put("computing probabilities", () -> policy.nextTokenProbabilities(new int[] {1, 2}, 1));
        uses.put("saving it", () -> policy.saveWeights(file));
        uses.put("copying its weights", () -> policy.copy(ParameterSelection.none()));
        uses.put("a change of its precision", () -> policy.precision(MatrixPrecision.FLOAT32));
        uses.put("telling its weights from others", () -> policy.parameters().fingerprint());
        uses.put("clearing its gradients", () -> policy.parameters().clearGradients());
        return uses;
    }

    /** Copies of other kinds, each by its own way. */
    @Test
    void noKindOfCopyIsMadeOfWhatIsClosed() {
        policy.close();
        List<ThrowingCallable> copies = List.of(
                policy::inDoublePrecision,
                () -> policy.withLora(LoraSettings.of(2, 4, Projection.ATTENTION_INPUT), RandomSource.of(1)),
                () -> Gpt2RewardModel.from(policy, RandomSource.of(1)),
                () -> policy.save(folder.resolve("model")));
        copies.forEach(copy -> assertThatThrownBy(copy).isInstanceOf(ClosedException.class));
    }

    private static List<TokenSequence> sequences(int count) {
        RandomSource random = RandomSource.of(count);
        List<TokenSequence> sequences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] tokens = new int[8 + random.nextInt(40)];
            for (int t = 0; t < tokens.length; t++) {
                tokens[t] = random.nextInt(CONFIG.vocabulary());
            }
            sequences.add(new TokenSequence(tokens, 4));
        }
        return sequences;
    }
}
