package org.preferencelearning.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.internal.io.JsonProblems;

/** Rows of a Parquet file, as DuckDB makes JSON of them; their numbers stand for lines. */
final class ParquetRows {
    /** Nothing is fetched or written by it, and rows come in the file's order. */
    private static final String[] SETTINGS = {
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET temp_directory = ''",
        "SET memory_limit = '2GB'",
        "SET threads = 1",
    };

    private ParquetRows() {}

    static void read(Path file, ReadBudget budget, RowFiles.RowConsumer consumer) {
        Driver driver = DuckDb.driver(DuckDb.jar())
                .orElseThrow(() -> new DataFormatException(
                        file.toString(),
                        0,
                        "it is a Parquet file, which takes the jar of " + DuckDb.ARTIFACT
                                + " (MIT licence, Maven Central) on the class path, or named by --duckdb,"
                                + " PREFERENCE_DUCKDB or -D" + DuckDb.PROPERTY + "; "
                                + DuckDb.jar().map(jar -> "it is not " + jar).orElse("none is named")));
        Properties streaming = new Properties();
        streaming.setProperty("jdbc_stream_results", "true");
        long row = 0;
        try (Connection connection = driver.connect("jdbc:duckdb:", streaming);
                Statement statement = connection.createStatement()) {
            for (String setting : SETTINGS) {
                statement.execute(setting);
            }
            String name = file.toString().replace("'", "''");
            try (ResultSet rows = statement.executeQuery("SELECT to_json(a) FROM read_parquet('" + name + "') AS a")) {
                while (rows.next()) {
                    row++;
                    budget.row();
                    String json = rows.getString(1);
                    budget.bytes(json.length());
                    budget.requireLength(json.length());
                    JsonNode fields = JsonLines.MAPPER.readTree(json);
                    consumer.accept(new JsonRow(file.toString(), row, fields, false));
                }
            }
        } catch (JsonProcessingException e) {
            throw new DataFormatException(file.toString(), row, "of this row " + JsonProblems.describe(e), e);
        } catch (IOException e) {
            throw DataFile.fault(file.toString(), row, e);
        } catch (SQLException e) {
            String said =
                    String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
            throw new DataFormatException(
                    file.toString(), row, "the Parquet file is damaged or cannot be read; DuckDB says: " + said, e);
        }
    }
}
