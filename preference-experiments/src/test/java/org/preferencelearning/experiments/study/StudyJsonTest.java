package org.preferencelearning.experiments.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.experiments.dsl.Studies;
import org.preferencelearning.experiments.world.SparseTextWorld;
import org.preferencelearning.gpt2.graph.Gpt2Config;

class StudyJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static Study sparse() {
        return Studies.sampleComplexityStudy("sparse").sizes(10).seeds(1);
    }

    private static Study text() {
        return Studies.dataSizeStudy("text")
                .model(Studies.gpt2(new Gpt2Config(100, 32, 16, 1, 2, 1e-5, 99)))
                .dataset(Studies.sparseTextWorld(SparseTextWorld.standard(), 60))
                .sizes(8)
                .seeds(1)
                .compare(Studies.rewardModel(), Studies.dpo());
    }

    @Test
    void aFieldThatOccursTwiceIsRefused() {
        String json = StudyJson.write(sparse()).replace("\"sizes\"", "\"sizes\" : [ 5 ], \"sizes\"");
        assertThatThrownBy(() -> StudyJson.read("study.json", json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("field 'sizes' occurs twice");
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(
                        json -> json.put("kind", "sprase"),
                        "kind 'sprase' is unknown; allowed: one of [data-size, online, exact, winner-map, sample-complexity, exact-gpt2, sparse-gpt2], or the"
                                + " name of a record on the class path that implements " + Study.class.getName()),
                fault(json -> json.put("kind", "java.lang.Runtime"), "kind 'java.lang.Runtime' is unknown; allowed: "),
                fault(json -> json.remove("kind"), "field 'kind' is missing; there are: "),
                fault(json -> json.putObject("kind"), "field 'kind' is missing; there are: "),
                fault(
                        json -> json.put("version", 3),
                        "field 'version' is 3; this library reads 2; a newer one wrote it"),
                fault(json -> json.remove("version"), "field 'version' is null; allowed: the whole number 2"),
                fault(json -> json.set("nmae", json.remove("name")), "field 'name' is missing; there are: "),
                fault(json -> json.put("nmae", "x"), "field 'nmae' is unknown; allowed: ["),
                fault(
                        json -> json.withObject("/world").put("dimension", "sixty"),
                        "field 'world.dimension' is \"sixty\"; allowed: a whole number of 32 bits"),
                fault(
                        json -> json.withObject("/world").put("dimension", 60.5),
                        "field 'world.dimension' is 60.5; allowed: a whole number of 32 bits"),
                fault(
                        json -> json.withObject("/world").put("dimension", -1),
                        "setting 'dimension' is -1; allowed: a whole number of at least 2"),
                fault(
                        json -> json.withObject("/world").putNull("beta"),
                        "field 'world.beta' is null; allowed: a number"),
                fault(
                        json -> json.withObject("/world").remove("beta"),
                        "field 'world.beta' is missing; there are: dimension, "),
                fault(json -> json.putArray("world"), "field 'world' is []; allowed: an object"),
                fault(json -> json.putNull("sizes"), "field 'sizes' is null; allowed: a value"),
                fault(json -> json.withArray("sizes").insertNull(0), "field 'sizes[0]' is null; allowed: a value"),
                fault(
                        json -> ((ObjectNode) json.withArray("methods").get(0)).putNull("estimator"),
                        "field 'methods[0].estimator' is null; allowed: a value"),
                fault(
                        json -> json.withObject("/world")
                                .put("dimension", new java.math.BigInteger("100000000000000000000")),
                        "field 'world.dimension' is 100000000000000000000; allowed: a whole number of 32 bits"),
                fault(json -> json.put("sizes", 5), "field 'sizes' is 5; allowed: a list"),
                fault(
                        json -> ((ObjectNode) json.withArray("methods").get(0)).put("estimator", "REWARD_L2"),
                        "field 'methods[0].estimator' is \"REWARD_L2\"; allowed: one of [REWARD_L1, "),
                Arguments.of(
                        text(),
                        (Consumer<ObjectNode>)
                                json -> ((ObjectNode) json.withArray("methods").get(1)).put("kind", "dpoo"),
                        "field 'methods[1]': kind 'dpoo' is unknown; allowed: [direct, own, reward_model]"));
    }

    private static Arguments fault(Consumer<ObjectNode> change, String message) {
        return Arguments.of(sparse(), change, message);
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("faults")
    void whatIsWrongIsNamedInTheWordsOfTheFile(Study study, Consumer<ObjectNode> change, String message)
            throws IOException {
        ObjectNode json = (ObjectNode) MAPPER.readTree(StudyJson.write(study));
        assertThat(StudyJson.read("study.json", json.toString())).isEqualTo(study);
        change.accept(json);
        assertThatThrownBy(() -> StudyJson.read("study.json", json.toString()))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("study.json: " + message)
                .satisfies(e -> assertThat(e.getMessage())
                        .doesNotContain("deserialize", "coerce", "oken", "java.util", "subtype"));
    }

    @Test
    void whatIsNoStudyIsSaid() {
        String json = StudyJson.write(sparse());
        for (List<String> fault : List.of(
                List.of(json + " {}", "there is more after the study's end"),
                List.of("[]", "no study: a JSON object is expected"),
                List.of(json.substring(0, 100), "not JSON: it ends inside a value"))) {
            assertThatThrownBy(() -> StudyJson.read("study.json", fault.get(0)))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageStartingWith("study.json: " + fault.get(1));
        }
    }

    /** Columns are part of what a study asks for, in its JSON and in its keys. */
    @Test
    void columnsOfAFileAreKept() throws IOException {
        DatasetSpec plain = Studies.promptChosenRejected(Path.of("pairs.csv"));
        DatasetSpec renamed = plain.columns(
                Studies.prompt("question"),
                Studies.chosen("best"),
                Studies.rejected("worst"),
                Studies.column("margin", "gap"));
        Study study = Studies.dataSizeStudy("columns")
                .model(Studies.gpt2(new Gpt2Config(50257, 32, 16, 1, 2, 1e-5, 50256)))
                .dataset(renamed)
                .sizes(8)
                .seeds(1)
                .compare(Studies.rewardModel(), Studies.dpo());
        assertThat(StudyJson.read("study.json", StudyJson.write(study))).isEqualTo(study);
        assertThat(renamed.toString()).contains("prompt=question", "chosen=best", "rejected=worst", "margin=gap");
        assertThat(renamed.label()).isEqualTo(plain.label());
        assertThat(renamed).isNotEqualTo(plain.columns(Studies.prompt("question")));
        DatasetSpec judged = Studies.pkuSafeRlhf(Path.of("p.jsonl")).columns(Studies.prompt("q"));
        assertThat(judged.isJudgedBy(Criterion.BETTER)).isTrue();
        assertThat(judged.objective(Criterion.SAFER).isJudgedBy(Criterion.SAFER))
                .isTrue();
        assertThat(judged.objective(Criterion.SAFER).toString()).contains("prompt=q");
        assertThatThrownBy(() -> plain.columns()).hasMessageContaining("'columns' is none");
        assertThatThrownBy(() -> plain.columns(Studies.prompt("a"), Studies.prompt("b")))
                .hasMessageContaining("'columns' is prompt; allowed: each field once");
        assertThatThrownBy(() -> renamed.columns(Studies.prompt("a"))).hasMessageContaining("columns of a file");
        assertThatThrownBy(() ->
                        Studies.sparseTextWorld(SparseTextWorld.standard(), 60).columns(Studies.prompt("a")))
                .hasMessageContaining("columns of a file");
    }
}
