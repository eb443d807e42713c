package org.preferencelearning.experiments.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.internal.io.OutputFile;
import org.preferencelearning.core.internal.io.OutputFolder;

/** Writes reports. */
public final class Reports {
    /** Name of a run's report. */
    public static final String FILE = "report.html";

    private static final String ENDING = ".html";

    private Reports() {}

    /**
     * Writes the report of a run, or of the runs in a folder, as {@code report.html} in it, and the tables behind it as
     * {@code report/*.csv}.
     *
     * @return the page
     * @throws org.preferencelearning.experiments.run.RunDirectoryException if it is no run, or one is damaged
     * @throws org.preferencelearning.core.error.OutputException naming what cannot be written
     */
    public static Path write(Path directory) {
        return write(Report.of(directory), directory.resolve(FILE));
    }

    /**
     * Writes a report as {@code file}, which ends in {@code .html}, and the tables behind it as CSV in a folder beside it of
     * the same name without that ending. Both are replaced as a whole; a folder only if nothing but tables of a report is in
     * it.
     *
     * @return the page
     * @throws SettingException if the file has another ending, or file or folder cannot be written or replaced
     */
    public static Path write(Report report, Path file) {
        check("file", file);
        Map<String, String> tables = report.csv();
        byte[] page = report.html().getBytes(StandardCharsets.UTF_8);
        OutputFolder.replace(tables(file), folder -> {
            for (Map.Entry<String, String> table : tables.entrySet()) {
                Files.writeString(folder.resolve(table.getKey()), table.getValue());
            }
        });
        AtomicFiles.write(file, page);
        return file;
    }

    /**
     * Tries, before the work, whether a report can be written as {@code file}.
     *
     * @param setting name of the setting as the user writes it
     * @throws SettingException naming the setting and why not
     */
    public static void check(String setting, Path file) {
        String name = String.valueOf(file.getFileName());
        SettingException.require(
                name.endsWith(ENDING) && name.length() > ENDING.length(), setting, file, "a name that ends in .html");
        OutputFile.check(setting, file, 0);
        OutputFolder.check(setting, tables(file), 0);
    }

    /** Whether a file lies in a folder of runs because a report of them was written. */
    public static boolean isReport(Path file) {
        return file.endsWith(FILE) || file.endsWith(tables(Path.of(FILE)));
    }

    /** Where the tables behind a page are. */
    public static Path tables(Path file) {
        String name = file.getFileName().toString();
        return file.resolveSibling(name.substring(0, name.length() - ENDING.length()));
    }
}
