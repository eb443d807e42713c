package org.preferencelearning.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.preferencelearning.core.data.DuckDb;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.AtomicFiles;

/**
 * Rows of runs as a table in an in-memory DuckDB, whose driver is not among this program's libraries: it is as large as all of them
 * and is taken from the class path or from a jar that is named.
 */
final class RowsDatabase implements AutoCloseable {
    /** What gives the driver. */
    static final String ARTIFACT = DuckDb.ARTIFACT;

    private final Connection connection;
    private final Path folder;

    private RowsDatabase(Connection connection, Path folder) {
        this.connection = connection;
        this.folder = folder;
    }

    /**
     * Makes the table {@code rows}; empty fields are null, {@code step} is a whole number, {@code value} a double, all others text.
     *
     * @param csv the rows, with their names in the first line
     * @param jar the driver's; null to look for it on the class path
     * @throws SettingException if there is no driver, naming what to get
     */
    static RowsDatabase of(String csv, @Nullable Path jar) {
        Driver driver = driver(jar);
        try {
            Path folder = Files.createTempDirectory("preference-rows");
            Path file = Files.writeString(folder.resolve("rows.csv"), csv);
            RowsDatabase database = new RowsDatabase(driver.connect("jdbc:duckdb:", new Properties()), folder);
            String columns = csv.lines().findFirst().orElseThrow().transform(line -> List.of(line.split(","))).stream()
                    .map(column -> "'" + column + "': '" + type(column) + "'")
                    .collect(Collectors.joining(", "));
            database.execute("CREATE TABLE rows AS SELECT * FROM read_csv('" + quoted(file)
                    + "', header = true, delim = ',', quote = '\"', escape = '\"', columns = {" + columns + "})");
            return database;
        } catch (SQLException e) {
            throw new IllegalStateException("the rows cannot be read into a table", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the rows cannot be written to a temporary file: " + e.getMessage(), e);
        }
    }

    private static String type(String column) {
        return switch (column) {
            case "step" -> "BIGINT";
            case "value" -> "DOUBLE";
            default -> "VARCHAR";
        };
    }

    private static Driver driver(@Nullable Path jar) {
        return DuckDb.driver(Optional.ofNullable(jar))
                .orElseThrow(() -> new SettingException(
                        "--duckdb",
                        jar == null ? "not set" : jar,
                        "the jar of " + ARTIFACT
                                + " (MIT licence, Maven Central), which SQL and Parquet need and which is not"
                                + " among this program's libraries; PREFERENCE_DUCKDB may name it too"));
    }

    private static String quoted(Path file) {
        return file.toString().replace("'", "''");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Writes the table as a Parquet file. */
    void writeParquet(Path file) {
        Path made = folder.resolve("rows.parquet");
        try {
            execute("COPY rows TO '" + quoted(made) + "' (FORMAT parquet)");
            AtomicFiles.write(file, Files.readAllBytes(made));
        } catch (SQLException e) {
            throw new IllegalStateException("the rows cannot be written as Parquet", e);
        } catch (IOException e) {
            throw new UncheckedIOException(made + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The answer to a query: a map from column to value for each row.
     *
     * @throws SettingException if it is no query, with what the database says
     */
    List<Map<String, Object>> query(String sql) {
        // within a query only queries stand: no statement that writes a file
        String within = "SELECT * FROM (\n" + sql.strip().replaceAll(";$", "") + "\n)";
        try (PreparedStatement statement = connection.prepareStatement(within);
                ResultSet result = statement.executeQuery()) {
            ResultSetMetaData columns = result.getMetaData();
            List<Map<String, Object>> rows = new ArrayList<>();
            while (result.next()) {
                Map<String, Object> row = new LinkedHashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    Object value = result.getObject(i);
                    row.put(
                            columns.getColumnLabel(i),
                            value == null || value instanceof Number || value instanceof Boolean
                                    ? value
                                    : value.toString());
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new SettingException(
                    "--sql",
                    "'" + sql + "'",
                    "a query of the table 'rows'; DuckDB says: "
                            + String.valueOf(e.getMessage())
                                    .strip()
                                    .lines()
                                    .findFirst()
                                    .orElse(""));
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
            for (String name : List.of("rows.csv", "rows.parquet")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            Files.deleteIfExists(folder);
        } catch (SQLException e) {
            throw new IllegalStateException("the table cannot be closed", e);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be deleted: " + e.getMessage(), e);
        }
    }
}
