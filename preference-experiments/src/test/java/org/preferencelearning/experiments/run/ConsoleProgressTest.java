package org.preferencelearning.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final TurnedByHand clock = new TurnedByHand();

    @Test
    void aLogGetsALineNowAndThen() {
        ConsoleProgress progress = progress(false);
        progress.begin("DPO", 100);
        for (int step = 1; step <= 100; step++) {
            clock.millis += 400;
            progress.step(step, "loss 0.5");
        }
        progress.end("loss 0.4");
        // 40 seconds: at 15.2 and 30.4, and the end
        assertThat(text().lines()).hasSize(3).allMatch(line -> line.startsWith("DPO"));
        assertThat(text())
                .contains("38/100")
                .contains("100/100  loss 0.4  40 s")
                .doesNotContain("\r");
    }

    @Test
    void aTerminalGetsABarThatIsDrawnOver() {
        ConsoleProgress progress = progress(true);
        progress.begin("DPO", 2);
        clock.millis += 1000;
        progress.step(1, "loss 0.5");
        progress.end("loss 0.4");
        assertThat(text().split("\r")).hasSize(3);
        assertThat(text())
                .contains("[############............]     1/2  loss 0.5")
                .endsWith(System.lineSeparator());
    }

    private ConsoleProgress progress(boolean terminal) {
        return new ConsoleProgress(new PrintStream(out, true, StandardCharsets.UTF_8), terminal, clock);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static final class TurnedByHand extends Clock {
        private long millis;

        @Override
        public long millis() {
            return millis;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
