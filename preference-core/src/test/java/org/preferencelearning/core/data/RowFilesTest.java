package org.preferencelearning.core.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.testkit.DuckDbJar;

/** Tables, archives, packed files, folders, patterns and Parquet, some of them written by pandas and pyarrow. */
class RowFilesTest {
    private static final Path DATA = Path.of("src/test/resources/data");
    private static final ReadLimits LIMITS = ReadLimits.defaults();

    @TempDir
    Path folder;

    @AfterEach
    void forgetTheDriver() {
        System.clearProperty(DuckDb.PROPERTY);
    }

    /** The rows that {@code make_data.py} wrote, as pandas reads them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pandas.csv",
                "pandas_index.csv",
                "pandas.tsv",
                "semicolons.csv",
                "pandas.csv.zst",
                "pandas.jsonl.zst",
                "pretty.json",
                "pandas.jsonl.zip",
                "pandas.parquet"
            })
    void rowsAreThoseOfPandas(String name) throws IOException {
        if (name.endsWith(".parquet")) {
            System.setProperty(DuckDb.PROPERTY, DuckDbJar.require().toString());
        }
        List<String> found = new ArrayList<>();
        RowFiles.Parts parts = RowFiles.read(
                DATA.resolve(name),
                row -> found.add(row.text("prompt") + "|" + row.text("chosen") + "|" + row.text("rejected") + "|"
                        + row.number("margin").map(String::valueOf).orElse("null")));
        List<String> expected = new ArrayList<>();
        for (JsonNode row :
                new ObjectMapper().readTree(DATA.resolve("rows.json").toFile())) {
            JsonNode margin = row.get("margin");
            expected.add(row.get("prompt").textValue() + "|" + row.get("chosen").textValue() + "|"
                    + row.get("rejected").textValue() + "|" + (margin.isNull() ? margin : margin.doubleValue()));
        }
        assertThat(found).isEqualTo(expected);
        assertThat(parts.others()).isEmpty();
        assertThat(parts.files()).hasSize(1);
    }

    @Test
    void severalFramesOfZstdAreOneText() {
        assertThat(values(DATA.resolve("two_frames.jsonl.zst"), "chosen")).containsExactly(" Hi, \"you\"!", " ünï");
    }

    @Test
    void nestedColumnsOfParquetAreThoseOfJson() {
        System.setProperty(DuckDb.PROPERTY, DuckDbJar.require().toString());
        List<String> found = new ArrayList<>();
        RowFiles.read(
                DATA.resolve("chats.parquet"),
                row -> found.add(row.line() + row.value("rejected").toString()));
        assertThat(found).hasSize(2).last().satisfies(row -> assertThat(new ObjectMapper().readTree(row.substring(1)))
                .isEqualTo(new ObjectMapper()
                        .readTree(
                                "[{'content':'a','role':'user'},{'content':'b','role':'assistant'},".replace('\'', '"')
                                        + "{'content':'c','role':'user'},{'content':'é','role':'assistant'}]"
                                                .replace('\'', '"'))));
    }

    @Test
    void parquetWithoutADriverSaysWhatItTakes() throws IOException {
        Path file = DATA.resolve("pandas.parquet");
        System.setProperty(DuckDb.PROPERTY, folder.resolve("none.jar").toString());
        assertFault(
                file,
                LIMITS,
                "it is a Parquet file, which takes the jar of " + DuckDb.ARTIFACT,
                "--duckdb",
                "none.jar");
        System.setProperty(DuckDb.PROPERTY, zip("empty.jar", "x", "y").toString());
        assertFault(file, LIMITS, "it is a Parquet file, which takes the jar of " + DuckDb.ARTIFACT, "empty.jar");
    }

    @Test
    void parquetIsCountedAndDamageIsNamed() throws IOException {
        System.setProperty(DuckDb.PROPERTY, DuckDbJar.require().toString());
        Path file = DATA.resolve("pandas.parquet");
        assertThat(values(file, LIMITS.withRows(4), "prompt")).hasSize(4);
        assertFault(file, LIMITS.withRows(3), ":4: more than 3 rows");
        assertFault(file, LIMITS.withRowLength(20), ":1: a row is longer than 20 characters");
        assertFault(file, LIMITS.withBytes(100), ":2: more than 100 bytes");
        byte[] content = Files.readAllBytes(file);
        assertFault(
                Files.write(folder.resolve("it's cut"), Arrays.copyOf(content, 900)),
                LIMITS,
                "the Parquet file is damaged or cannot be read; DuckDB says: ");
        // DuckDB writes its own temporary files nowhere
        assertThat(Path.of(".tmp")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a,b~1,2~3|:3: the row has 1 fields; the first line names 2: [a, b]",
                "a,b~1,2,3~|:2: the row has 3 fields; the first line names 2: [a, b]",
                "a,b~1,'2~3,4|:2: no CSV from here on: ",
                "a,b~'1'x,2~|:2: no CSV from here on: ",
                "a,b,a~1,2,3|:1: column 'a' occurs twice in the first line",
            })
    void whatIsNoTableIsNamedWithItsLine(String content, String message) throws IOException {
        assertFault(file("t.csv", content.replace('\'', '"').replace('~', '\n')), LIMITS, message);
    }

    @Test
    void aTableIsReadInItsOwnWays() throws IOException {
        assertThat(values(file("a.CSV", "\uFEFF\na ,b\r\n\r\n1,\"x\"\"\n\"\r\n2,\"\"\r\n"), "a"))
                .containsExactly("1", "2");
        List<String> lines = new ArrayList<>();
        RowFiles.read(folder.resolve("a.CSV"), row -> lines.add(row.line() + row.text("b") + row.has("b")));
        assertThat(lines).containsExactly("4x\"\ntrue", "6false");
        // a separator of the first line only where that has no comma
        assertThat(values(file("c.csv", "a;b\n1,5;2"), "a")).containsExactly("1,5");
        assertThat(values(file("d.csv", "a,b;c\n1,5;2"), "b;c")).containsExactly("5;2");
        assertThat(values(file("e.csv", "a\tb\n1,5\t2"), "a")).containsExactly("1,5");
        assertThat(values(file("f.tsv", "a,b\tc\n1\t2"), "a,b")).containsExactly("1");
        // JSON is JSON by whatever name, and a table must be named so
        assertThat(values(file("g.csv", "{\"a\":\"1\"}"), "a")).containsExactly("1");
        assertFault(
                file("h.txt", "a,b\n1,2\n"), LIMITS, ":1: not JSON: it begins with 'a,b'; wanted: ", ".csv or .tsv");
        assertThat(values(file("i.csv", "a,b\n"), "a")).isEmpty();
        assertThat(values(file("j.csv", ""), "a")).isEmpty();
    }

    @Test
    void numbersOfATableAreReadFromItsTexts() throws IOException {
        Path file = file("n.csv", "i,x\n1,-2e-3\n 0 ,\n1.5,x\n2,NaN\n");
        List<Object> found = new ArrayList<>();
        RowFiles.read(file, row -> {
            if (row.line() < 4) {
                found.add(List.of(row.integer("i", 0, 1), row.number("x")));
                return;
            }
            assertThatThrownBy(() -> row.integer("i", 0, 1)).hasMessageContaining("allowed: 0 to 1");
            assertThatThrownBy(() -> row.number("x")).hasMessageContaining("not a finite number");
        });
        assertThat(found).containsExactly(List.of(1, Optional.of(-2e-3)), List.of(0, Optional.empty()));
    }

    @Test
    void rowsAndLengthsOfATableAreLimited() throws IOException {
        Path file = file("l.csv", "a,b\n1,22\n3,44\n");
        assertThat(values(file, LIMITS.withRows(2).withRowLength(3), "a")).hasSize(2);
        assertFault(file, LIMITS.withRows(1), "more than 1 rows");
        assertFault(file, LIMITS.withRowLength(2), ":2: a row is longer than 2 characters");
        assertFault(file, LIMITS.withBytes(10), "more than 10 bytes");
        for (String row :
                List.of("x".repeat(900_000), ("x".repeat(9000) + ",").repeat(100), "\"" + "\n".repeat(900_000))) {
            assertFault(file("long.csv", "a,b\n" + row), LIMITS.withRowLength(300_000), "a row is longer than 300000");
        }
    }

    @Test
    void filesOfAnArchiveAreReadByNameAndOthersAreTold() throws IOException {
        Path zip = zip(
                "all.zip",
                "b/2.jsonl",
                "{\"a\":\"3\"}\n{\"a\":\"4\"}",
                "README.md",
                "# nothing",
                "b/1.csv",
                "a\n1\n2\n",
                "__MACOSX/b/._1.csv",
                "\0\0",
                ".hidden.json",
                "{");
        List<String> found = new ArrayList<>();
        RowFiles.Parts parts =
                RowFiles.read(zip, row -> found.add(row.file() + ":" + row.line() + ":" + row.text("a")));
        assertThat(found)
                .containsExactly(
                        zip + "!b/1.csv:2:1", zip + "!b/1.csv:3:2", zip + "!b/2.jsonl:1:3", zip + "!b/2.jsonl:2:4");
        assertThat(parts)
                .isEqualTo(
                        new RowFiles.Parts(List.of(zip + "!b/1.csv", zip + "!b/2.jsonl"), List.of(zip + "!README.md")));
        assertFault(zip("none.zip", "a.txt", "x"), LIMITS, "holds no data file", "a.txt");
        assertFault(zip("empty.zip"), LIMITS, "holds no data file", "its files: nothing");
        assertFault(
                zip("bad.zip", "ok.jsonl", "{}", "z.jsonl", "{"), LIMITS, "bad.zip!z.jsonl:1: not JSON: the line ends");
        byte[] content = Files.readAllBytes(zip);
        assertFault(
                Files.write(folder.resolve("cut.zip"), Arrays.copyOf(content, content.length - 30)),
                LIMITS,
                "the zip archive is damaged, cut short or encrypted");
    }

    @Test
    void nothingInAnArchiveIsPackedAgain() throws IOException {
        Path inner = zip("inner.zip", "a.json", "{}");
        for (Path packed : List.of(inner, DATA.resolve("pandas.jsonl.zst"), DATA.resolve("pandas.parquet"))) {
            Path outer = folder.resolve("outer.zip");
            try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(outer))) {
                out.putNextEntry(new ZipEntry("x.json"));
                out.write(Files.readAllBytes(packed));
            }
            String name = packed.toString();
            assertFault(
                    outer,
                    LIMITS,
                    "outer.zip!x.json: in a zip archive, it is "
                            + (name.endsWith("zip")
                                    ? "a zip archive"
                                    : name.endsWith("zst") ? "packed twice" : "a Parquet file"));
        }
    }

    /** Small files that unpack to much, in one file and in many. */
    @Test
    void bombsAreStoppedByTheBytesAndRowsOfAllFilesTogether() throws IOException {
        byte[] zeros = new byte[1 << 20];
        Arrays.fill(zeros, (byte) '\n');
        Path zip = folder.resolve("bomb.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int i = 0; i < 20; i++) {
                out.putNextEntry(new ZipEntry(i + ".jsonl"));
                out.write(zeros);
            }
        }
        Path zst = folder.resolve("bomb.zst");
        try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(zst))) {
            for (int j = 0; j < 2000; j++) {
                out.write(zeros);
            }
        }
        Path many = Files.createDirectory(folder.resolve("many"));
        for (int i = 0; i < 20; i++) {
            Files.write(many.resolve(i + ".jsonl"), zeros);
        }
        for (Path bomb : List.of(zip, zst, many)) {
            assertThat(Files.size(zst)).isLessThan(1 << 20);
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                assertFault(bomb, LIMITS.withBytes(3 << 20).withRows(1L << 40), "more than 3145728 bytes of text");
                assertFault(bomb, LIMITS.withRows(5 << 19), "more than 2621440 rows");
            });
        }
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int i = 0; i < 10_001; i++) {
                out.putNextEntry(new ZipEntry("" + i));
            }
        }
        assertFault(zip, LIMITS, "it holds 10001 files; allowed: up to 10000");
    }

    @Test
    void damagedZstdIsNamed() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStream(bytes)) {
            for (int i = 0; i < 5000; i++) {
                out.write(("{\"a\":\"" + i * 7919 % 10_007 + "\"}\n").getBytes(UTF_8));
            }
        }
        byte[] content = bytes.toByteArray();
        Path file = folder.resolve("z.jsonl.zst");
        Files.write(file, content);
        assertThat(values(file, "a")).hasSize(5000);
        Files.write(file, Arrays.copyOf(content, content.length / 2));
        assertFault(file, LIMITS, "the compressed file is damaged: ");
        content[content.length / 2] ^= 0x55;
        Files.write(file, content);
        assertThatThrownBy(() -> values(file, "a")).isInstanceOf(DataFormatException.class);
    }

    /** Zstd's library is one that who uses this one may leave out. */
    @Test
    void withoutZstdsLibraryItIsSaidWhatToAdd() throws Exception {
        URL[] others = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("zstd-jni"))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toArray(URL[]::new);
        Assumptions.assumeTrue(others.length > 5, "the class path is in a manifest");
        try (URLClassLoader loader = new URLClassLoader(others, ClassLoader.getPlatformClassLoader())) {
            Class<?> reader = loader.loadClass(PromptReader.class.getName());
            assertThat(reader).isNotEqualTo(PromptReader.class);
            assertThatThrownBy(() -> reader.getMethod("read", Path.class, String.class)
                            .invoke(null, DATA.resolve("pandas.jsonl.zst").toAbsolutePath(), "%s"))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessageContaining("it is packed with zstd, which takes com.github.luben:zstd-jni");
        }
    }

    @Test
    void foldersAndPatternsAreReadInTheOrderOfNames() throws IOException {
        Path set = Files.createDirectories(folder.resolve("set"));
        Files.createDirectories(set.resolve("sub"));
        Files.writeString(set.resolve("train-2.jsonl"), "{\"a\":\"2\"}");
        Files.writeString(set.resolve("train-10.jsonl"), "{\"a\":\"10\"}");
        Files.writeString(set.resolve("Z.csv"), "a\nz");
        Files.writeString(set.resolve("test.json"), "[{\"a\":\"t\"}]");
        Files.writeString(set.resolve("LICENSE"), "free");
        Files.writeString(set.resolve(".git.json"), "{");
        Files.writeString(set.resolve("sub/train-3.jsonl"), "{\"a\":\"3\"}");
        assertThat(values(set, "a")).containsExactly("z", "t", "10", "2");
        assertThat(DataFiles.of(set).others()).containsExactly(set.resolve("LICENSE"));
        assertThat(values(set.resolve("train-*.jsonl"), "a")).containsExactly("10", "2");
        assertThat(values(set.resolve("*/train-?.jsonl"), "a")).containsExactly("3");
        assertThat(values(folder.resolve("s*/**.jsonl"), "a")).containsExactly("3", "10", "2");
        assertThat(values(set.resolve("{test,Z}.*"), "a")).containsExactly("z", "t");
        assertFault(set.resolve("dev-*"), LIMITS, "no file matches the pattern");
        assertFault(set.resolve("none/*"), LIMITS, "there is no folder '");
        assertFault(set.resolve("["), LIMITS, "no such file, and no pattern");
        assertFault(set.resolve("none"), LIMITS, "no such file");
        assertFault(folder, LIMITS, "the folder holds no data file", "in it: set");
        // a file that is there is itself, whatever its name
        Path odd = Files.writeString(folder.resolve("odd[1]*.jsonl"), "{\"a\":\"odd\"}");
        assertThat(values(odd, "a")).containsExactly("odd");
        // relative, without a folder before it
        Path here = Files.writeString(Path.of("target/row-files-test.jsonl"), "{\"a\":\"h\"}");
        assertThat(values(Path.of("target/row-files-te*.jsonl"), "a")).containsExactly("h");
        Files.delete(here);
    }

    private static void assertFault(Path source, ReadLimits limits, String... parts) {
        assertThatThrownBy(() -> RowFiles.read(source, limits, row -> {}))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("java.");
    }

    private static List<String> values(Path source, String field) {
        return values(source, LIMITS, field);
    }

    private static List<String> values(Path source, ReadLimits limits, String field) {
        List<String> values = new ArrayList<>();
        RowFiles.read(source, limits, row -> values.add(row.text(field)));
        return values;
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    /** @param content names and texts in turn */
    private Path zip(String name, String... content) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < content.length; i += 2) {
                out.putNextEntry(new ZipEntry(content[i]));
                out.write(content[i + 1].getBytes(UTF_8));
            }
        }
        return file;
    }
}
