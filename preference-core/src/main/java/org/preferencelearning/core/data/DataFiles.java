package org.preferencelearning.core.data;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.internal.io.RegularFiles;

/**
 * The files that a user names: one, the data files in a folder, or all that a pattern matches; in the order of their names,
 * which is that of their characters' codes.
 *
 * @param files at least one
 * @param others files in the folder that are no data by their names; those whose names begin with a dot are passed over
 */
public record DataFiles(List<Path> files, List<Path> others) {
    /** What {@link #isData} asks for, in words. */
    static final String NAMES =
            "one named .jsonl, .ndjson, .json, .csv, .tsv, .parquet or .zip, perhaps with .gz, .xz or .zst behind";

    private static final Pattern DATA =
            Pattern.compile("(?is).*\\.(jsonl|ndjson|json|csv|tsv|parquet|zip)(\\.(gz|xz|zst))?");
    private static final Pattern WILD = Pattern.compile("[*?\\[{]");
    private static final int SHOWN = 5;

    public DataFiles {
        files = ImmutableList.copyOf(files);
        others = ImmutableList.copyOf(others);
        SettingException.require(!files.isEmpty(), "files", "none", "at least one");
    }

    /**
     * Finds them.
     *
     * @param source a file; a folder, of which the files are taken but not those of folders within; or, where there is
     *     neither, a pattern of {@link java.nio.file.FileSystem#getPathMatcher globs}
     * @throws DataFormatException if there is none, or more than 10,000
     */
    public static DataFiles of(Path source) {
        if (Files.isDirectory(source)) {
            return folder(source);
        }
        if (!Files.exists(source) && WILD.matcher(source.toString()).find()) {
            return pattern(source);
        }
        return new DataFiles(List.of(source), List.of());
    }

    private static DataFiles folder(Path folder) {
        List<Path> files = new ArrayList<>();
        List<Path> others = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (Path path : list(folder, 1)) {
            String name = path.getFileName().toString();
            if (isHidden(name)) {
                continue;
            }
            all.add(name);
            if (!Files.isDirectory(path)) {
                (isData(name) ? files : others).add(path);
            }
        }
        if (files.isEmpty()) {
            throw new DataFormatException(
                    folder.toString(), 0, "the folder holds no data file, " + NAMES + "; in it: " + shown(all));
        }
        return new DataFiles(files, others);
    }

    private static DataFiles pattern(Path pattern) {
        Path start = pattern.isAbsolute() ? pattern.getRoot() : Path.of("");
        int fixed = 0;
        while (!WILD.matcher(pattern.getName(fixed).toString()).find()) {
            start = start.resolve(pattern.getName(fixed));
            fixed++;
        }
        int depth = pattern.toString().contains("**") ? Integer.MAX_VALUE : pattern.getNameCount() - fixed;
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        } catch (PatternSyntaxException e) {
            throw new DataFormatException(
                    pattern.toString(), 0, "no such file, and no pattern: " + e.getDescription(), e);
        }
        if (!Files.isDirectory(start)) {
            throw new DataFormatException(pattern.toString(), 0, "there is no folder '" + start + "' to look into");
        }
        List<Path> files = list(start, depth).stream()
                .filter(matcher::matches)
                .filter(Files::isRegularFile)
                .toList();
        if (files.isEmpty()) {
            throw new DataFormatException(pattern.toString(), 0, "no file matches the pattern");
        }
        return new DataFiles(files, List.of());
    }

    private static List<Path> list(Path folder, int depth) {
        try (Stream<Path> all = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> found = all.filter(path -> !path.equals(folder))
                    .limit(ReadBudget.MOST_FILES + 1L)
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
            RowFiles.requireFew(folder, found.size());
            return found;
        } catch (IOException e) {
            throw RegularFiles.unreadable(folder, 0, e);
        } catch (java.io.UncheckedIOException e) {
            throw RegularFiles.unreadable(folder, 0, requireNonNull(e.getCause()));
        }
    }

    /** Whether a name, perhaps with folders before it, is that of a data file. */
    static boolean isData(String name) {
        return DATA.matcher(name).matches();
    }

    /** Whether a name, or that of a folder before it, is not meant for people. */
    static boolean isHidden(String name) {
        return Stream.of(name.split("/")).anyMatch(part -> part.startsWith(".") || part.equals("__MACOSX"));
    }

    /** Some of the names. */
    static String shown(List<String> names) {
        if (names.isEmpty()) {
            return "nothing";
        }
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        return names.stream().sorted().limit(SHOWN).collect(Collectors.joining(", ")) + more;
    }
}
