package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.testkit.SharedFiles;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.compile.FusedOperations;

class ConformanceTest {
    private static final Path TINY = Path.of("src/test/resources/golden-tiny");
    private static final Path AMPLIFIED = Path.of("src/test/resources/golden-amplified");

    @TempDir
    Path folder;

    @Test
    void aTwoLayerModelConforms() {
        ConformanceReport report = Conformance.check(TINY);
        assertThat(report.failures()).isEmpty();
        assertThat(report.unsupported()).isEmpty();
        assertThat(report.leftOut()).isEmpty();
        assertThat(report.entries()).hasSizeGreaterThan(400);
        assertThat(report.passed()).isTrue();
    }

    @Test
    void aThreeLayerModelConforms() {
        ConformanceReport report = Conformance.check(SharedFiles.require("golden/small"));
        assertThat(report.failures()).isEmpty();
        assertThat(report.unsupported()).isEmpty();
        assertThat(report.leftOut()).isEmpty();
        assertThat(report.entries()).hasSize(800);
    }

    /** Eight bits of mantissa: values move by their rounding, and by nothing that a wrong product would. */
    @Test
    void halfPrecisionIsOffByItsRounding() {
        assumeThat(FusedOperations.bfloat16())
                .as("this processor multiplies bfloat16")
                .isTrue();
        ConformanceReport report = Conformance.check(TINY, MatrixPrecision.BFLOAT16);
        assertThat(report.failures()).isNotEmpty();
        assertThat(report.entries())
                .filteredOn(entry -> entry.name().startsWith("logps"))
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.relative()).isLessThan(0.01));
    }

    @Test
    void aWrongValueIsFound() throws IOException {
        copyTiny();
        ObjectNode golden = golden();
        ObjectNode loss = (ObjectNode) golden.get("losses").get("sigmoid");
        loss.put("mean", loss.get("mean").doubleValue() * 1.001);
        write(golden);
        assertThat(Conformance.check(folder).failures())
                .extracting(ConformanceReport.Entry::name)
                .containsExactly("losses.sigmoid.mean");
    }

    @Test
    void aValueOfAnotherLengthIsFound() throws IOException {
        copyTiny();
        ObjectNode golden = golden();
        ((ObjectNode) golden.get("logps")).putArray("policy_chosen").add(0);
        write(golden);
        assertThat(Conformance.check(folder).failures())
                .extracting(ConformanceReport.Entry::name)
                .containsExactly("logps.policy_chosen");
    }

    @Test
    void whatIsMissingIsLeftOutAndWhatIsUnknownIsListed() throws IOException {
        copyTiny();
        Files.delete(folder.resolve("reward.safetensors"));
        ObjectNode golden = golden();
        golden.put("beam_search", 1);
        write(golden);
        ConformanceReport report = Conformance.check(folder);
        assertThat(report.unsupported()).containsExactly("beam_search");
        assertThat(report.leftOut()).containsExactly("reward (needs reward.safetensors)");
        assertThat(report.entries()).noneMatch(entry -> entry.name().startsWith("reward"));
        assertThat(report.passed()).isTrue();
    }

    /** A log-ratio of -6.1: a loss of its exponential is 3e-18 and multiplies the error of the log-ratio by 46. */
    @Test
    void aLossMayBeOffByWhatItAmplifies() {
        ConformanceReport report = Conformance.check(AMPLIFIED);
        assertThat(report.failures()).isEmpty();
        assertThat(report.entries()).hasSizeGreaterThan(200);
    }

    @Test
    void aLossOfOnePercentMoreBetaIsFoundThereToo() throws IOException {
        copy(AMPLIFIED);
        ObjectNode golden = golden();
        golden.put("beta", 0.101);
        write(golden);
        List<String> failed = Conformance.check(folder).failures().stream()
                .map(ConformanceReport.Entry::name)
                .toList();
        for (String loss : iterable(golden.get("losses").fieldNames())) {
            if (!loss.equals("raft")) { // reads no beta
                assertThat(failed).contains("losses." + loss + ".per_example", "losses." + loss + ".mean");
            }
        }
        assertThat(failed).noneMatch(name -> name.contains("raft") || name.startsWith("logps"));
    }

    @Test
    void aLossInThePlaceOfAnotherIsFoundThereToo() throws IOException {
        copy(AMPLIFIED);
        ObjectNode golden = golden();
        ObjectNode losses = (ObjectNode) golden.get("losses");
        JsonNode jensenShannon = losses.get("f_jsd");
        losses.set("f_jsd", losses.get("f_alpha_0.5"));
        losses.set("f_alpha_0.5", losses.get("f_forward_kl"));
        losses.set("f_forward_kl", jensenShannon);
        losses.retain("f_jsd", "f_alpha_0.5", "f_forward_kl");
        write(golden);
        assertThat(Conformance.check(folder).failures())
                .extracting(ConformanceReport.Entry::name)
                .contains(
                        "losses.f_jsd.per_example",
                        "losses.f_alpha_0.5.per_example",
                        "losses.f_forward_kl.per_example",
                        "losses.f_forward_kl.d_policy_chosen",
                        "losses.f_forward_kl.d_policy_rejected",
                        "losses.f_forward_kl.grad_norm");
    }

    @Test
    void withoutRejectedResponsesTheRestIsCompared() throws IOException {
        copyTiny();
        ObjectNode golden = golden();
        golden.remove("rejected");
        write(golden);
        ConformanceReport report = Conformance.check(folder);
        assertThat(report.leftOut())
                .containsExactly(
                        "logps.policy_rejected (needs rejected)",
                        "logps.reference_rejected (needs rejected)",
                        "losses (needs rejected)",
                        "reward (needs rejected)",
                        "train_rev_kl (needs rejected)",
                        "train_regression_frozen (needs rejected)");
        assertThat(report.entries())
                .extracting(ConformanceReport.Entry::name)
                .containsExactly(
                        "policy_logits_chosen_0",
                        "logps.policy_chosen",
                        "logps.reference_chosen",
                        "greedy.0",
                        "greedy.1",
                        "greedy.2",
                        "next_token_probabilities_temperature_0.7");
        assertThat(report.passed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chosen | logps.policy_chosen (needs chosen)",
                "prompt_lengths | policy_logits_chosen_0 (needs prompt_lengths)",
                "margins | losses.regression (needs margins)",
                "beta | losses (needs beta)",
                "logps | logps (not recorded)",
                "losses.sigmoid.mean | losses.sigmoid.mean (not recorded)",
                "losses.sigmoid.grad_norm | losses.sigmoid.grad_norm (not recorded)",
                "losses.sigmoid.grad_norm_by_tensor | losses.sigmoid.grad_norm_by_tensor (not recorded)",
                "reward.bradley_terry | reward.bradley_terry (not recorded)",
                "train_rev_kl.hyper | train_rev_kl.hyper (not recorded)",
                "train_rev_kl.final_sum_by_tensor | train_rev_kl.final_sum_by_tensor (not recorded)",
            })
    void whatIsMissingIsLeftOutByName(String field, String leftOut) throws IOException {
        copyTiny();
        ObjectNode golden = only(leftOut);
        parent(golden, field).remove(last(field));
        write(golden);
        ConformanceReport report = Conformance.check(folder);
        assertThat(report.leftOut()).contains(leftOut);
        assertThat(report.failures()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "policy, losses (needs policy.safetensors)",
        "reference, losses (needs reference.safetensors)",
        "policy, greedy (needs policy.safetensors)",
        "reference, logps.reference_chosen (needs reference.safetensors)",
        "reward, reward (needs reward.safetensors)"
    })
    void aMissingModelIsLeftOutByName(String model, String leftOut) throws IOException {
        copyTiny();
        write(only(leftOut));
        Files.delete(folder.resolve(model + ".safetensors"));
        ConformanceReport report = Conformance.check(folder);
        assertThat(report.leftOut()).contains(leftOut);
        assertThat(report.failures()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chosen | 3 | field 'chosen' is 3; allowed: an array",
                "chosen | [[1, 2.5], [1, 2], [3]] | field 'chosen[0][1]' is 2.5; allowed: a whole number from 0 to 60",
                "rejected | [[1, 61], [1, 2], [3]] | field 'rejected[0][1]' is 61; allowed: a whole number from 0 to 60",
                "rejected | [[1, 2]] | field 'prompt_lengths' is [",
                "prompt_lengths | [0, 1, 1] | field 'prompt_lengths[0]' is 0; allowed: a whole number from 1 to",
                "margins | [1, null, 2] | field 'margins[1]' is null; allowed: a finite number",
                "margins | [1, 2] | field 'margins' is [1,2]; allowed: 3 entries, as many as 'chosen' has",
                "beta | -1 | field 'beta' is -1; allowed: a number above 0",
                "policy_logits_chosen_0 | [1, 2] | field 'policy_logits_chosen_0[0]' is 1; allowed: an array",
                "logps | [] | field 'logps' is []; allowed: an object",
                "logps.policy_chosen | [1, \"x\", 2] | field 'logps.policy_chosen[1]' is \"x\"; allowed: a finite number",
                "losses.sigmoid | null | field 'losses.sigmoid' is null; allowed: an object",
                "losses.sigmoid.mean | \"0.7\" | field 'losses.sigmoid.mean' is \"0.7\"; allowed: a finite number",
                "losses.sigmoid.grad_norm_by_tensor | {\"h.9\": 1} | field 'losses.sigmoid.grad_norm_by_tensor.h.9' is 1",
                "reward.chosen | {} | field 'reward.chosen' is {}; allowed: an array",
                "train_rev_kl.hyper | {} | field 'train_rev_kl.hyper.total_steps' is missing",
                "train_rev_kl.steps | [] | field 'train_rev_kl.steps' is []; allowed: 6 entries",
                "greedy | [{\"prompt\": [1]}] | field 'greedy[0].continuation' is missing",
                "greedy | [{\"prompt\": [], \"continuation\": [1]}] | field 'greedy[0].prompt' is []; allowed: 1 to",
            })
    void aDamagedFieldIsRefusedByNameAndValue(String field, String value, String message) throws IOException {
        copyTiny();
        ObjectNode golden = only(field);
        parent(golden, field).set(last(field), new ObjectMapper().readTree(value));
        write(golden);
        assertThatThrownBy(() -> Conformance.check(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("golden.json: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{\"chosen\": [[1", "{\"beta\": NaN}", "{\"beta\": 1, \"beta\": 2}"})
    void aFileThatIsNotAnObjectIsRefused(String text) throws IOException {
        copyTiny();
        Files.writeString(folder.resolve("golden.json"), text);
        assertThatThrownBy(() -> Conformance.check(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContainingAll("golden.json", ": not ");
    }

    @Test
    void recordedValuesThatAreNotComparedAreListed() throws IOException {
        copyTiny();
        ObjectNode golden = golden();
        ((ObjectNode) golden.get("losses")).retain("sigmoid");
        golden.remove("train_regression_frozen");
        parent(golden, "logps.sideways").put("sideways", 1);
        parent(golden, "losses.sigmoid.median").put("median", 1);
        parent(golden, "losses.slic").putObject("slic");
        parent(golden, "reward.median").put("median", 1);
        parent(golden, "train_rev_kl.hyper.schedule").put("schedule", "constant");
        write(golden);
        assertThat(Conformance.check(folder).unsupported())
                .containsExactlyInAnyOrder(
                        "logps.sideways",
                        "losses.sigmoid.median",
                        "losses.slic",
                        "reward.median",
                        "train_rev_kl.hyper.schedule");
    }

    @Test
    void aFolderWithoutValuesIsRefused() {
        assertThatThrownBy(() -> Conformance.check(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("golden.json: no such file");
    }

    @Test
    void aConfigWhoseHeadsDoNotDivideTheWidthIsRefused() throws IOException {
        copyTiny();
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        config.put("n_head", 3);
        Files.write(folder.resolve("config.json"), new ObjectMapper().writeValueAsBytes(config));
        assertThatThrownBy(() -> Conformance.check(folder))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("config.json: ")
                .hasMessageContaining("'n_head' is 3")
                .hasMessageContaining("a divisor of n_embd, which is 16");
    }

    /** What is needed of the recorded values for a test of one of them; of the losses, two. */
    private ObjectNode only(String field) throws IOException {
        ObjectNode golden = golden();
        ((ObjectNode) golden.get("losses")).retain("sigmoid", "regression");
        String value = field.split("[. ]")[0];
        golden.retain("beta", "chosen", "rejected", "prompt_lengths", "margins", value);
        return golden;
    }

    private static ObjectNode parent(ObjectNode golden, String field) {
        JsonNode node = golden;
        String[] names = field.split("\\.");
        for (int i = 0; i < names.length - 1; i++) {
            node = node.get(names[i]);
        }
        return (ObjectNode) node;
    }

    private static String last(String field) {
        return field.substring(field.lastIndexOf('.') + 1);
    }

    private static Iterable<String> iterable(Iterator<String> names) {
        return () -> names;
    }

    private ObjectNode golden() throws IOException {
        return (ObjectNode)
                new ObjectMapper().readTree(folder.resolve("golden.json").toFile());
    }

    private void write(ObjectNode golden) throws IOException {
        Files.write(folder.resolve("golden.json"), new ObjectMapper().writeValueAsBytes(golden));
    }

    private void copyTiny() throws IOException {
        copy(TINY);
    }

    private void copy(Path source) throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }
}
