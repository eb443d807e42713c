package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.loss.PreferenceLosses;

class LossesCommandTest {
    @Test
    void everyLossHasALineOfAsciiWithWhatItReads() {
        CommandRun run = CommandRun.of("losses");
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(run.out())).isTrue();
        List<String> lines = run.out().lines().toList();
        for (String name : PreferenceLosses.names()) {
            assertThat(lines).as(name).anyMatch(line -> line.matches(name + " +[R-][M-][B-][T-] +\\S.*  \\S.*"));
        }
        assertThat(lines)
                .anyMatch(line -> line.matches("sigmoid +R--- +-LS\\(b h\\)  .*"))
                .anyMatch(line -> line.matches("rev_kl +RM-- .*"))
                .anyMatch(line -> line.matches("simpo +---- .*"))
                .anyMatch(line -> line.matches("aot +R-B- .*"))
                .anyMatch(line -> line.matches("ld_sigmoid_0.5 +R--T .*"))
                .anyMatch(line -> line.contains("train-kto") && line.contains(": kto, apo_zero_unpaired, bco"))
                .anyMatch(line ->
                        line.contains("(PolicyGradientLosses): reinforce, ppo_clip_0.2, grpo_0.2, dr_grpo_0.2_128"));
    }

    @Test
    void theJsonIsTheCatalogue() {
        JsonNode losses = CommandRun.of("losses", "--json").json().get("losses");
        assertThat(StreamSupport.stream(losses.spliterator(), false)
                        .map(loss -> loss.get("name").textValue()))
                .containsExactlyElementsOf(PreferenceLosses.names());
        JsonNode margin = StreamSupport.stream(losses.spliterator(), false)
                .filter(loss -> loss.get("name").textValue().equals("margin"))
                .findAny()
                .orElseThrow();
        assertThat(margin.get("formula").textValue()).isEqualTo("-LS(b h - m)");
        assertThat(margin.get("needsMargin").booleanValue()).isTrue();
        assertThat(margin.get("needsReference").booleanValue()).isTrue();
        assertThat(margin.get("batchWise").booleanValue()).isFalse();
    }
}
