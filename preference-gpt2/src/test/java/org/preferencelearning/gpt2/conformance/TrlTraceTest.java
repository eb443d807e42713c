package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.PreferenceDataset;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.TokenPair;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.testkit.SharedFiles;
import org.preferencelearning.core.train.AdamW;
import org.preferencelearning.core.train.MetricNames;
import org.preferencelearning.core.train.PreferenceObjective;
import org.preferencelearning.core.train.TrainingSettings;
import org.preferencelearning.gpt2.model.Gpt2Policy;
import org.preferencelearning.gpt2.model.ParameterSelection;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.PairTokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenization;

/** What TRL's DPO trainer logged of every step of a training, in float32, over the whole vocabulary of GPT-2. */
class TrlTraceTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Relative to 1, or to the number where it is larger: both sides compute in float32. */
    private static final double TOLERANCE = 5e-5;

    @Test
    void everyLoggedMetricIsTheirs() throws IOException {
        Path trace = SharedFiles.require("field/trl_trace");
        List<TokenPair> pairs = new ArrayList<>();
        JsonNode orders = MAPPER.readTree(trace.resolve("orders.json").toFile());
        List<TokenPair> rows = rows(trace);
        orders.forEach(order -> order.forEach(row -> pairs.add(rows.get(row.intValue()))));
        List<JsonNode> steps = steps(trace);
        Path base = trace.resolve("models/base");
        try (Gpt2Policy policy = Gpt2Policy.load(base, ParameterSelection.all());
                Gpt2Policy reference = Gpt2Policy.load(base, ParameterSelection.none());
                AdamW adam = new AdamW(
                        policy.parameters(), TrainingSettings.defaults().adam(), 0.1)) {
            PreferenceObjective objective = new PreferenceObjective(
                            policy, ReferencePolicy.of(reference), PreferenceLosses.dpo(0.1))
                    .withTokenMetrics();
            List<List<TokenPair>> batches = Lists.partition(pairs, 4);
            assertThat(steps).hasSameSizeAs(batches);
            double tokens = 0;
            for (int step = 0; step < steps.size(); step++) {
                policy.parameters().clearGradients();
                // TRL evaluates two pairs at once, and logs the mean of what it finds of each two
                List<Map<String, Double>> parts = Lists.partition(batches.get(step), 2).stream()
                        .map(part -> objective.accumulate(part, 0.25).values())
                        .toList();
                JsonNode logged = steps.get(step);
                for (String name : new String[] {
                    MetricNames.LOSS,
                    MetricNames.ENTROPY,
                    MetricNames.MEAN_TOKEN_ACCURACY,
                    MetricNames.LOGITS_CHOSEN,
                    MetricNames.LOGITS_REJECTED,
                    MetricNames.REWARDS_CHOSEN,
                    MetricNames.REWARDS_REJECTED,
                    MetricNames.REWARDS_MARGINS,
                    MetricNames.REWARDS_ACCURACIES,
                    MetricNames.LOGPS_CHOSEN,
                    MetricNames.LOGPS_REJECTED
                }) {
                    if (name.equals(MetricNames.REWARDS_ACCURACIES) && step == 0) {
                        continue; // policy and reference are the same: rounding decides
                    }
                    double expected = logged.get(name).doubleValue();
                    assertThat((parts.get(0).get(name) + parts.get(1).get(name)) / 2)
                            .as("step %d, %s", step + 1, name)
                            .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
                }
                tokens +=
                        parts.get(0).get(MetricNames.NUM_TOKENS) + parts.get(1).get(MetricNames.NUM_TOKENS);
                assertThat(tokens).isEqualTo(logged.get(MetricNames.NUM_TOKENS).doubleValue());
                adam.step(logged.get(MetricNames.LEARNING_RATE).doubleValue());
            }
        }
    }

    private static List<TokenPair> rows(Path trace) throws IOException {
        List<PreferencePair> rows = new ArrayList<>();
        for (String line : Files.readAllLines(trace.resolve("pairs.jsonl"))) {
            JsonNode row = MAPPER.readTree(line);
            rows.add(PreferencePair.of(
                    row.get("prompt").textValue(),
                    row.get("chosen").textValue(),
                    row.get("rejected").textValue()));
        }
        return PairTokenizer.encode(
                        new PreferenceDataset("trace", rows), Gpt2Tokenizer.create(), Tokenization.onlineStudy())
                .pairs();
    }

    private static List<JsonNode> steps(Path trace) throws IOException {
        List<JsonNode> steps = new ArrayList<>();
        for (String line : Files.readAllLines(trace.resolve("t_dpo.txt"))) {
            if (line.startsWith("STEP ") && line.contains("\"entropy\"")) {
                steps.add(MAPPER.readTree(line.substring(line.indexOf('{'))));
            }
        }
        return steps;
    }
}
