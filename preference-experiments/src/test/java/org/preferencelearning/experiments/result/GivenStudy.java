package org.preferencelearning.experiments.result;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Study;

/** A study whose cells are given: what tables and answers make of them does not depend on how they were found. */
record GivenStudy(String name, List<Claim> claims, List<String> metrics, Map<String, List<String>> coordinates)
        implements Study {
    /** Methods "a" and "b", and seeds 1 and 2. */
    static GivenStudy of(Claim... claims) {
        return new GivenStudy(
                "given",
                List.of(claims),
                List.of("error", "accuracy", "never"),
                ImmutableMap.of("method", List.of("a", "b"), "size", List.of("10", "20"), "seed", List.of("1", "2")));
    }

    /** The same without seeds. */
    GivenStudy exact() {
        return new GivenStudy(name, claims, metrics, ImmutableMap.of("method", List.of("a", "b")));
    }

    @Override
    public List<Cell> cells(Contents contents) {
        return List.of();
    }

    StudyResult with(CellResult... cells) {
        return new StudyResult(this, List.of(cells), new Provenance(Map.of()));
    }

    static CellId id(String method, int size, int seed) {
        return CellId.method(method).and(CellId.SIZE, size).and(CellId.SEED, seed);
    }

    static CellResult cell(String method, int size, int seed, double error) {
        return new CellResult(
                id(method, size, seed),
                Measurements.builder().add("error", error, "nats").build(0));
    }

    static CellResult cell(String method, double error) {
        return new CellResult(
                CellId.method(method),
                Measurements.builder().add("error", error, "nats").build(0));
    }
}
