package org.preferencelearning.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.testkit.ChildJvm;

class QuietGradientsTest {
    private static final String NOISE = DifferentiationFilter.NOISE + "mul";

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_16BE);
    private PrintStream kept;

    @BeforeEach
    void capture() {
        kept = System.out;
        System.setOut(out);
    }

    @AfterEach
    void restore() {
        System.setOut(kept);
    }

    @Test
    void aProgramThatDifferentiatesPrintsOnlyItsOwn() throws Exception {
        ChildJvm.Result result = ChildJvm.of(Differentiates.class).run();
        assertThat(result.exit()).isZero();
        assertThat(result.out()).isEqualTo("mine" + System.lineSeparator());
    }

    @Test
    void nd4jsLinesAreDroppedAndNothingElse() {
        QuietGradients.quietly(() -> {
            System.out.println(NOISE);
            System.out.println("λ " + NOISE);
            System.out.println((String) null);
            System.out.printf(Locale.ROOT, "%.1f|", 1.5);
            System.out.append('a').append("bc").append("xyz", 1, 2).print('!');
            System.out.print(7L);
            System.out.println(new char[] {'x'});
            System.out.write(0);
            System.out.write('\n');
        });
        String line = System.lineSeparator();
        assertThat(text()).isEqualTo("λ " + NOISE + line + "null" + line + "1.5|abcy!7x" + line + "\n");
        assertThat(System.out).isSameAs(out);
        System.out.println(NOISE);
        assertThat(text()).endsWith("\n" + NOISE + line);
    }

    @Test
    void theStreamIsPutBackAfterAFailure() {
        assertThatThrownBy(() -> QuietGradients.quietly(() -> {
                    throw new IllegalStateException("no gradient");
                }))
                .hasMessage("no gradient");
        assertThat(System.out).isSameAs(out);
        System.out.println(NOISE);
        assertThat(text()).contains(NOISE);
    }

    @Test
    void otherThreadsPrintWhatTheyLike() throws InterruptedException {
        QuietGradients.quietly(() -> {
            Thread other = new Thread(() -> System.out.println(NOISE + " of another"));
            other.start();
            await(other);
            System.out.println(NOISE);
        });
        assertThat(text()).isEqualTo(NOISE + " of another" + System.lineSeparator());
    }

    /** The one that began first ends first; the second is still quiet, and then the stream is back. */
    @Test
    void twoThreadsAtOnceAreBothQuiet() {
        CountDownLatch bothBegan = new CountDownLatch(2);
        CountDownLatch firstEnded = new CountDownLatch(1);
        Thread second = new Thread(() -> QuietGradients.quietly(() -> {
            bothBegan.countDown();
            await(firstEnded);
            System.out.println(NOISE);
        }));
        QuietGradients.quietly(() -> {
            second.start();
            bothBegan.countDown();
            await(bothBegan);
            System.out.println(NOISE);
        });
        System.out.println("between");
        firstEnded.countDown();
        await(second);
        assertThat(text()).isEqualTo("between" + System.lineSeparator());
        assertThat(System.out).isSameAs(out);
    }

    @Test
    void aStreamThatSomebodyPutsThereMeanwhileStays() {
        PrintStream another = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        QuietGradients.quietly(() -> System.setOut(another));
        assertThat(System.out).isSameAs(another);
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_16BE);
    }

    private static void await(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Differentiates a loss, and prints one line. */
    static final class Differentiates {
        public static void main(String[] arguments) {
            LossEvaluator.of(PreferenceLosses.named("sigmoid", 0.1));
            System.out.println("mine");
        }
    }
}
