package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.testkit.DuckDbJar;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.run.Runners;

class RowsDatabaseTest {
    @TempDir
    Path folder;

    @Test
    void rowsComeBackFromParquetAndAnswerQueries() {
        String csv = "study,method,metric,step,value,unit\r\n"
                + "\"a, \"\"b\"\"\nc\",NULL,loss,3,0.1,\r\n"
                + "s,,loss,9007199254740993,-1.0E-300,nats\r\n";
        List<Map<String, Object>> found;
        Path file = folder.resolve("it's.parquet");
        try (RowsDatabase database = RowsDatabase.of(csv, DuckDbJar.require())) {
            database.writeParquet(file);
            found = database.query(
                    "SELECT * FROM read_parquet('" + file.toString().replace("'", "''") + "')");
            assertThat(database.query("SELECT count(*) AS n, max(step) AS m FROM rows"))
                    .isEqualTo(List.of(Map.of("n", 2L, "m", 9007199254740993L)));
        }
        assertThat(found).hasSize(2);
        assertThat(found.get(0))
                .containsEntry("study", "a, \"b\"\nc")
                .containsEntry("method", "NULL")
                .containsEntry("step", 3L)
                .containsEntry("value", 0.1)
                .containsEntry("unit", null);
        assertThat(found.get(1)).containsEntry("value", -1.0E-300).containsEntry("method", null);
    }

    @Test
    void theCommandWritesParquetAndPrintsAnswers() {
        Path run = folder.resolve("run");
        Runners.local(run).run(CaseBook.policyMisspecified(1, 0.2));
        String jar = DuckDbJar.require().toString();
        Path file = folder.resolve("rows.parquet");
        CommandRun written =
                CommandRun.of("rows", run.toString(), "--parquet", file.toString(), "--duckdb", jar, "--json");
        assertThat(written.code()).as(written.toString()).isZero();
        int count = written.json().get("count").intValue();
        CommandRun asked = CommandRun.of(
                "rows",
                run.toString(),
                "--sql",
                "SELECT (SELECT count(*) FROM rows) AS a, (SELECT count(*) FROM '" + file + "') AS b,"
                        + " (SELECT round(value, 4) FROM rows WHERE method = 'RLHF' AND metric = 'value') AS c",
                "--duckdb",
                jar);
        assertThat(asked.code()).as(asked.toString()).isZero();
        assertThat(asked.out().lines()).containsExactly("a,b,c", count + "," + count + ",0.7817");
        CommandRun wrong = CommandRun.of("rows", run.toString(), "--sql", "SELECT x FROM row", "--duckdb", jar);
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("--sql").contains("'rows'").contains("row does not exist");
    }

    /** A statement that is none is refused before it does anything. */
    @Test
    void aQueryWritesNothing() throws IOException {
        Path run = folder.resolve("run");
        Runners.local(run).run(CaseBook.policyMisspecified(1, 0.2));
        String jar = DuckDbJar.require().toString();
        Path mine = Files.writeString(folder.resolve("mine.csv"), "mine");
        for (String sql : List.of(
                "COPY rows TO '" + mine + "'",
                "COPY rows TO '" + mine + "'; SELECT 1",
                "CREATE TABLE other AS SELECT 1",
                "DROP TABLE rows")) {
            CommandRun refused = CommandRun.of("rows", run.toString(), "--sql", sql, "--duckdb", jar);
            assertThat(refused.code()).as(sql).isEqualTo(2);
            assertThat(refused.err()).contains("a query of the table 'rows'");
            assertThat(mine).hasContent("mine");
        }
        CommandRun asked = CommandRun.of("rows", run.toString(), "--sql", "SELECT 1 AS a -- all;", "--duckdb", jar);
        assertThat(asked.out().lines()).as(asked.err()).containsExactly("a", "1");
        assertThat(CommandRun.of("rows", run.toString(), "--sql", "DESCRIBE rows;", "--duckdb", jar)
                        .out())
                .contains("column_name");
    }

    @Test
    void withoutTheDriverTheArtifactIsNamed() throws IOException {
        Path run = folder.resolve("run");
        Runners.local(run).run(CaseBook.policyMisspecified(1, 0.2));
        Path empty = Files.write(
                folder.resolve("empty.jar"),
                new byte[] {'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        CommandRun refused = CommandRun.of("rows", run.toString(), "--sql", "SELECT 1", "--duckdb", empty.toString());
        assertThat(refused.code()).as(refused.toString()).isEqualTo(2);
        assertThat(refused.err()).contains("--duckdb", empty.toString(), RowsDatabase.ARTIFACT);
        CommandRun absent = CommandRun.of(
                "rows", run.toString(), "--duckdb", folder.resolve("none.jar").toString());
        assertThat(absent.code()).isEqualTo(2);
        assertThat(absent.err()).contains("--duckdb", "none.jar' is no file");
        CommandRun both = CommandRun.of(
                "rows",
                run.toString(),
                "--sql",
                "SELECT 1",
                "--parquet",
                folder.resolve("p").toString());
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err()).contains("one of them");
    }
}
