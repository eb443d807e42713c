package org.preferencelearning.core.data;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Driver;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The JDBC driver of DuckDB, by which Parquet is read and written. It is as large as all of this library and not among what
 * this library brings: it is taken from the class path, or from a jar that is named.
 */
public final class DuckDb {
    /** What gives the driver; the version is the one that is tested. */
    public static final String ARTIFACT = "org.duckdb:duckdb_jdbc:2.0.0.1";

    /** Property that names the jar; the environment's {@code PREFERENCE_DUCKDB} names it where this does not. */
    public static final String PROPERTY = "preference.duckdb";

    private static final String VARIABLE = "PREFERENCE_DUCKDB";
    private static final String DRIVER = "org.duckdb.DuckDBDriver";
    private static final Map<Path, Driver> OPENED = new ConcurrentHashMap<>();

    private DuckDb() {}

    /** The jar that the property or the environment names. */
    public static Optional<Path> jar() {
        return Optional.ofNullable(System.getProperty(PROPERTY, System.getenv(VARIABLE)))
                .filter(name -> !name.isBlank())
                .map(Path::of);
    }

    /**
     * The driver, or nothing where there is none.
     *
     * @param jar the driver's, or nothing to look for it on the class path
     */
    public static Optional<Driver> driver(Optional<Path> jar) {
        try {
            if (jar.isEmpty()) {
                return Optional.of(instance(Class.forName(DRIVER)));
            }
            Path file = jar.get().toAbsolutePath();
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            Driver known = OPENED.get(file);
            if (known == null) {
                // stays open as long as the process, as its classes do
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {file.toUri().toURL()}, DuckDb.class.getClassLoader());
                known = instance(Class.forName(DRIVER, true, loader));
                OPENED.put(file, known);
            }
            return Optional.of(known);
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        } catch (ReflectiveOperationException | MalformedURLException e) {
            throw new IllegalStateException(DRIVER + " cannot be used", e);
        }
    }

    private static Driver instance(Class<?> type) throws ReflectiveOperationException {
        return (Driver) type.getDeclaredConstructor().newInstance();
    }
}
