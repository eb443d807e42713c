package org.preferencelearning.core.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.BaseEncoding;
import com.google.common.primitives.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;

class JsonLinesTest {
    private static final String ROWS = "{\"a\": \"é\uD83D\uDE00\"}\r\n\n  \n{\"a\": \"2\"}\n{\"a\": \"3\"}";
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "UTF-8, ''",
        "UTF-8, EFBBBF",
        "UTF-16LE, FFFE",
        "UTF-16BE, FEFF",
        "UTF-16LE, ''",
        "UTF-16BE, ''",
        "UTF-32LE, FFFE0000",
        "UTF-32BE, 0000FEFF",
        "UTF-32LE, ''",
        "UTF-32BE, ''"
    })
    void everyUnicodeEncodingIsRead(String charset, String mark) throws IOException {
        byte[] content = Bytes.concat(BaseEncoding.base16().decode(mark), ROWS.getBytes(Charset.forName(charset)));
        assertThat(texts(file(content))).containsExactly("1:é\uD83D\uDE00", "4:2", "5:3");
        assertThat(texts(file(gzip(content)))).containsExactly("1:é\uD83D\uDE00", "4:2", "5:3");
    }

    @Test
    void joinedFilesMayHaveAMarkWithin() throws IOException {
        assertThat(texts(file("\uFEFF{\"a\":\"1\"}\n\uFEFF{\"a\":\"2\"}\n"))).containsExactly("1:1", "2:2");
    }

    @Test
    void aListOfObjectsIsReadHoweverItIsLaidOut() throws IOException {
        assertThat(texts(file("\uFEFF\n [\n  {\n    \"a\": \"1\"\n  },\n  {\n    \"a\": \"2\"\n  }\n]\n")))
                .containsExactly("3:1", "6:2");
        assertThat(texts(file("[{\"a\":\"1\"},{\"a\":\"2\"}]"))).containsExactly("1:1", "1:2");
        assertThat(texts(file("[]"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{'a':'1'},~3]|:2: expected a JSON object, found NUMBER",
                "[{'a':'1'},~{'a':|:2: not JSON: it ends inside a value",
                "[{'a':'1'}~{'a':'2'}]|:2: not JSON: unexpected character '{'",
                "[{'a':'1'}]~[]|:2: something follows the list",
                "[{'a':'1','a':'2'}]|:1: not JSON: field 'a' occurs twice",
                "{~ 'a': '1'~}|:1: not JSON: the line ends inside a value; a row is one line, or an element of one list",
                "{'a':'1'} {'a':'2'}|:1: not JSON: something follows the value on its line",
                "{'a':'1'}~null|:2: expected a JSON object, found NULL",
                "{'a':'1'}~{'a':NaN}|:2: not JSON: 'NaN' is no value",
                "~~prompt,chosen,rejected~|:3: not JSON: it begins with 'prompt,chosen,rejected'; wanted: JSON objects",
            })
    void whatIsNoObjectIsNamedWithItsLine(String content, String message) throws IOException {
        assertFault(file(content.replace('\'', '"').replace('~', '\n')), message);
    }

    /** First bytes as the formats' own specifications give them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4152524F5731 0000|an Arrow (Feather) file",
                "FFFFFFFF 78000000|an Arrow stream",
                "46454131 0000|a Feather file",
                "425A6839 3141|packed with bzip2",
                "377ABCAF271C 0004|a 7z archive",
                "526172211A0700|a rar archive",
                "04224D18 64|packed with lz4",
                "1F9D90|packed with compress",
                "5D00008000FFFFFF|packed with lzma",
                "4F5243 0A|an ORC file",
                "4F626A01 04|an Avro file",
                "53514C69746520666F726D6174203300|an SQLite database",
                "894844460D0A1A0A|an HDF5 file",
                "934E554D505901|a NumPy array",
                "80049500|a Python pickle",
                "255044462D312E37|a PDF document",
            })
    void otherKindsOfFilesAreRefusedByName(String hex, String name) throws IOException {
        byte[] content = BaseEncoding.base16().decode(hex.replace(" ", ""));
        assertFault(
                file(content),
                name + "; what can be read: JSON lines or a list of JSON objects, CSV and TSV, plain or packed");
        assertFault(file(gzip(content)), "packed with gzip, it is " + name);
        Path file = file(content);
        assertThatThrownBy(() -> InstancesFile.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(name);
    }

    @Test
    void textsThatAreNoDataAreRefusedByName() throws IOException {
        assertFault(file("version https://git-lfs.github.com/spec/v1\noid sha256:1\n"), "git lfs pull");
        assertFault(file("\n<!DOCTYPE html>\n<html>"), "web page (HTML)");
        assertFault(file("<html><body>404"), "web page (HTML)");
        assertFault(file("<?xml version=\"1.0\"?>"), "XML");
        assertFault(file(gzip(gzip(ROWS.getBytes(UTF_8)))), "packed twice");
        byte[] tar = new byte[1024];
        System.arraycopy("ustar".getBytes(UTF_8), 0, tar, 257, 5);
        Arrays.fill(tar, 0, 20, (byte) 'a');
        assertFault(file(tar), "a tar archive");
        assertFault(file(gzip(tar)), "packed with gzip, it is a tar archive");
        assertFault(file(new byte[] {3, 7, 1, 1, 5}), "begins with bytes that are no text");
    }

    @Test
    void bytesThatAreNoTextAreNamedWithTheirLine() throws IOException {
        String before = "{\"a\":\"1\"}\n".repeat(3000);
        assertFault(
                file(Bytes.concat(before.getBytes(UTF_8), new byte[] {'{', (byte) 0xC3, 0x28})),
                ":3001: the text is not");
        String list = "[" + "{\"a\":\"1\"},\n".repeat(3000);
        assertFault(file(Bytes.concat(list.getBytes(UTF_8), new byte[] {'{', '"', (byte) 0xFF})), "the text is not");
        // an overlong slash, and half a surrogate pair
        assertFault(file(new byte[] {'{', '"', (byte) 0xC0, (byte) 0xAF}), ":1: the text is not valid");
        assertFault(file(new byte[] {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80}), ":1: the text is not valid");
        // cut within a character
        assertFault(file(new byte[] {'{', '"', (byte) 0xF0, (byte) 0x9F}), ":1: the text is not valid");
    }

    @Test
    void onlyRegularFilesAreOpened() throws Exception {
        assertFault(folder, "the folder holds no data file");
        assertFault(folder.resolve("none"), "no such file");
        Path device = Path.of("/dev/zero");
        if (Files.exists(device)) {
            Assertions.assertTimeoutPreemptively(SOON, () -> assertFault(device, "a device"));
        }
        Path pipe = folder.resolve("pipe");
        Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
        Assumptions.assumeTrue(process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0, "no mkfifo here");
        Assertions.assertTimeoutPreemptively(SOON, () -> assertFault(pipe, "a named pipe"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), file(ROWS));
        assertThat(texts(link)).hasSize(3);
    }

    @Test
    void rowsBytesAndLengthsAreLimited() throws IOException {
        ReadLimits limits = ReadLimits.defaults();
        Path lines = file("{\"a\":\"1\"}\n\n{\"a\":\"2\"}\n");
        assertThat(texts(lines, limits.withRows(3))).hasSize(2);
        assertLimit(lines, limits.withRows(2), ":3: more than 2 rows");
        assertThat(texts(lines, limits.withBytes(21))).hasSize(2);
        assertLimit(lines, limits.withBytes(20), "more than 20 bytes");
        assertThat(texts(lines, limits.withRowLength(9))).hasSize(2);
        assertLimit(lines, limits.withRowLength(8), ":1: a row is longer than 8 characters");
        Path list = file("[{\"a\":\"1\"},\n{\"a\":\"2\"}]");
        assertThat(texts(list, limits.withRows(2).withRowLength(9))).hasSize(2);
        assertLimit(list, limits.withRows(1), ":2: more than 1 rows");
        assertLimit(list, limits.withRowLength(8), ":1: a row is longer than 8 characters");
    }

    @Test
    void longRowsAreReadAcrossBuffersAndStoppedWithoutTheWholeOfThem() throws IOException {
        String text = "x".repeat(200_000);
        assertThat(texts(file("{\"a\":\"" + text + "\"}\n{\"a\":\"2\"}"))).containsExactly("1:" + text, "2:2");
        ReadLimits limits = ReadLimits.defaults().withRowLength(300_000);
        for (String start : List.of("{\"a\":\"", "[{\"a\":\"", "[ ", " ")) {
            Path endless = folder.resolve("endless");
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(endless))) {
                out.write(start.getBytes(UTF_8));
                byte[] filler = (start.isBlank() || start.equals("[ ") ? " " : "x")
                        .repeat(1 << 20)
                        .getBytes(UTF_8);
                for (int i = 0; i < 4; i++) {
                    out.write(filler);
                }
            }
            assertLimit(endless, limits, "a row is longer than 300000");
        }
    }

    /** Ten gigabytes of line ends, and of short rows, in as many members of a gzip file as that takes. */
    @ParameterizedTest
    @CsvSource({"'\n', 4000000", "'{}\n', 500000"})
    void aSmallFileOfManyRowsEndsSoon(String row, long rows) throws IOException {
        byte[] member = gzip(row.repeat((10 << 20) / row.length()).getBytes(UTF_8));
        Path bomb = folder.resolve("bomb.gz");
        try (OutputStream out = Files.newOutputStream(bomb)) {
            for (int i = 0; i < 1000; i++) {
                out.write(member);
            }
        }
        assertThat(Files.size(bomb)).isLessThan(20 << 20);
        ReadLimits limits = ReadLimits.defaults();
        assertThat(limits.rows()).isEqualTo(4_000_000);
        Assertions.assertTimeoutPreemptively(
                SOON,
                () -> assertLimit(bomb, limits.withRows(rows), ":" + (rows + 1) + ": more than " + rows + " rows"));
    }

    @Test
    void limitsAreRaisedByProperties() throws IOException {
        Path lines = file("{\"a\":\"1\"}\n{\"a\":\"2\"}");
        System.setProperty("preference.data.rows", "1");
        try {
            assertFault(
                    lines, ":2: more than 1 rows, blank lines among them; ReadLimits or -Dpreference.data.rows=...");
            System.setProperty("preference.data.rows", "2");
            assertThat(texts(lines)).hasSize(2);
            System.setProperty("preference.data.rows", "many");
            assertThatThrownBy(() -> texts(lines))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("'preference.data.rows' is many");
            System.setProperty("preference.data.rows", "0");
            assertThatThrownBy(() -> texts(lines)).isInstanceOf(SettingException.class);
        } finally {
            System.clearProperty("preference.data.rows");
        }
    }

    private static void assertFault(Path file, String message) {
        assertLimit(file, ReadLimits.current(), message);
    }

    private static void assertLimit(Path file, ReadLimits limits, String message) {
        assertThatThrownBy(() -> RowFiles.read(file, limits, row -> {}))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message)
                .hasMessageNotContaining("StreamReadFeature")
                .hasMessageNotContaining("java.");
    }

    private static List<String> texts(Path file) {
        return texts(file, ReadLimits.current());
    }

    private static List<String> texts(Path file, ReadLimits limits) {
        List<String> texts = new ArrayList<>();
        RowFiles.read(file, limits, row -> texts.add(row.line() + ":" + row.text("a")));
        return texts;
    }

    private Path file(String content) throws IOException {
        return file(content.getBytes(UTF_8));
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(folder, "rows", ".jsonl"), content);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(out)) {
            packed.write(content);
        }
        return out.toByteArray();
    }
}
