package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.DataFormatException;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class PreferenceReaderTest {
    private static final String ROWS = """
            {"chosen": "\\n\\nHuman: a\\n\\nAssistant: yes", "rejected": "\\n\\nHuman: a\\n\\nAssistant: no"}

            {"chosen": "\\n\\nHuman: a\\n\\nAssistant: b\\n\\nHuman: c\\n\\nAssistant: d", "rejected": "\\n\\nHuman: a\\n\\nAssistant: b\\n\\nHuman: c\\n\\nAssistant: é"}
            {"chosen": "\\n\\nHuman: a\\n\\nAssistant: yes", "rejected": "\\n\\nHuman: b\\n\\nAssistant: no"}
            {"chosen": "\\n\\nHuman: a\\n\\nAssistant: yes", "rejected": "\\n\\nHuman: a\\n\\nAssistant: yes"}
            {"chosen": "\\n\\nHuman: a\\n\\nAssistant: yes", "rejected": "\\n\\nHuman: a\\n\\nAssistant: "}
            {"chosen": "nobody speaks", "rejected": "nobody answers"}
            """;

    @TempDir
    Path folder;

    @Test
    void hhRlhfIsCutAtTheLastAssistantTurn() throws IOException {
        PreferenceReader.Result read =
                PreferenceReader.read(file("rows.jsonl", bytes(ROWS)), PreferenceFormats.hhRlhf());
        assertThat(read.dataset().name()).isEqualTo("rows.jsonl");
        assertThat(read.dataset().pairs())
                .containsExactly(
                        PreferencePair.of("\n\nHuman: a\n\nAssistant:", " yes", " no"),
                        PreferencePair.of("\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:", " d", " é"));
    }

    @Test
    void rowsThatCannotBeUsedAreCountedByReason() throws IOException {
        RejectedRows rejected = PreferenceReader.read(file("rows.jsonl", bytes(ROWS)), PreferenceFormats.hhRlhf())
                .rejected();
        assertThat(rejected.counts())
                .containsEntry("prompts differ", 1)
                .containsEntry("equal responses", 1)
                .containsEntry("empty response", 1)
                .containsEntry("no assistant turn", 1)
                .hasSize(4);
        assertThat(rejected.total()).isEqualTo(4);
    }

    @Test
    void gzipAndXzHoldTheSameRowsWhateverTheFileIsCalled() throws IOException {
        PreferenceReader.Result plain = PreferenceReader.read(file("plain", bytes(ROWS)), PreferenceFormats.hhRlhf());
        for (Path packed : new Path[] {file("a.gz", gzip(bytes(ROWS))), file("b", xz(bytes(ROWS)))}) {
            PreferenceReader.Result read = PreferenceReader.read(packed, PreferenceFormats.hhRlhf());
            assertThat(read.dataset().pairs()).isEqualTo(plain.dataset().pairs());
            assertThat(read.rejected()).isEqualTo(plain.rejected());
        }
    }

    @Test
    void pkuRowsAreOrderedByTheCriterion() throws IOException {
        Path file = file(
                "pku.jsonl",
                bytes("{\"prompt\":\"Q\",\"response_0\":\"A\",\"response_1\":\"B\",\"is_response_0_safe\":true,"
                        + "\"is_response_1_safe\":false,\"better_response_id\":1,\"safer_response_id\":0}\n"));
        PreferencePair better = PreferenceReader.read(file, PreferenceFormats.pkuSafeRlhf(Criterion.BETTER))
                .dataset()
                .pairs()
                .get(0);
        PreferencePair safer = PreferenceReader.read(file, PreferenceFormats.pkuSafeRlhf(Criterion.SAFER))
                .dataset()
                .pairs()
                .get(0);
        String prompt = "BEGINNING OF CONVERSATION: USER: Q ASSISTANT: ";
        assertThat(better).isEqualTo(PreferencePair.of(prompt, "B", "A"));
        assertThat(safer).isEqualTo(PreferencePair.of(prompt, "A", "B"));
    }

    @Test
    void genericRowsMayCarryMarginAndWeight() throws IOException {
        Path file = file(
                "generic.jsonl",
                bytes("{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"margin\":1.5,\"weight\":0.5}\n"
                        + "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"r\",\"margin\":null}"));
        assertThat(PreferenceReader.read(file, PreferenceFormats.promptChosenRejected())
                        .dataset()
                        .pairs())
                .containsExactly(
                        new PreferencePair("p", "c", "r", OptionalDouble.of(1.5), 0.5),
                        PreferencePair.of("p", "c", "r"));
    }

    @Test
    void aGzipFileThatIsCutShortIsRefused() throws IOException {
        byte[] packed = gzip(bytes(ROWS.repeat(200)));
        Path file = file("cut.jsonl.gz", Arrays.copyOf(packed, packed.length / 2));
        assertFault(file, "cut.jsonl.gz:", "cut short");
    }

    /** The JDK's own stream ends at the end of the first part, whatever follows. */
    @Test
    void everyPartOfAGzipFileIsReadOrItIsRefused() throws IOException {
        byte[] one = gzip(bytes(ROWS));
        for (int length : new int[] {1, 3, 9, 18, 26, 40}) {
            byte[] more = Arrays.copyOf(one, one.length + length);
            System.arraycopy(one, 0, more, one.length, length);
            assertFault(file("cut" + length + ".gz", more), "cut" + length + ".gz:");
        }
        byte[] other = Arrays.copyOf(one, one.length + 7);
        Arrays.fill(other, one.length, other.length, (byte) 'x');
        assertFault(file("other.gz", other), "other.gz:", "what follows the end of a gzip part is no other");
        byte[] broken = Arrays.copyOf(one, 2 * one.length);
        System.arraycopy(one, 0, broken, one.length, one.length);
        broken[one.length + 1] = 0;
        assertFault(file("broken.gz", broken), "broken.gz:", "what follows the end of a gzip part");
        broken[one.length + 1] = one[1];
        assertThat(PreferenceReader.read(file("two.gz", broken), PreferenceFormats.hhRlhf())
                        .dataset()
                        .pairs())
                .hasSize(2
                        * PreferenceReader.read(file("one.gz", one), PreferenceFormats.hhRlhf())
                                .dataset()
                                .size());
    }

    @Test
    void aGzipFileThatIsDamagedIsRefused() throws IOException {
        byte[] packed = gzip(bytes(ROWS.repeat(200)));
        packed[packed.length - 6] ^= 0x55; // of the checksum at the end
        assertFault(file("damaged.gz", packed), "damaged.gz:", "compressed file");
    }

    @Test
    void anXzFileThatIsDamagedOrCutShortIsRefused() throws IOException {
        byte[] packed = xz(bytes(ROWS.repeat(200)));
        assertFault(file("cut.xz", Arrays.copyOf(packed, packed.length / 2)), "cut.xz:", "cut short");
        packed[packed.length / 2] ^= 0x55;
        assertFault(file("damaged.xz", packed), "damaged.xz:", "damaged");
    }

    @Test
    void aMissingFieldIsNamedWithItsLine() throws IOException {
        Path file = file("a.jsonl", bytes("\n{\"rejected\": \"\\n\\nHuman: a\\n\\nAssistant: no\"}\n"));
        assertFault(file, "a.jsonl:2:", "field 'chosen' is missing");
    }

    @Test
    void aFieldOfTheWrongTypeIsNamed() throws IOException {
        assertFault(file("a.jsonl", bytes("{\"chosen\": 3, \"rejected\": \"\"}")), "a.jsonl:1:", "'chosen' is NUMBER");
        Path pku = file("b.jsonl", bytes("{\"better_response_id\": 2}"));
        assertThatThrownBy(() -> PreferenceReader.read(pku, PreferenceFormats.pkuSafeRlhf(Criterion.BETTER)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("'better_response_id' is 2; allowed: 0 to 1");
    }

    @Test
    void bytesThatAreNotUtf8AreRefusedWithTheirLine() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes("{\"chosen\": \"a\", \"rejected\": \"b\"}\n{\"chosen\": \""));
        out.write(0xC3);
        out.write(0x28);
        out.write(bytes("\"}\n"));
        Path file = file("bad.jsonl", out.toByteArray());
        assertThatThrownBy(() -> PreferenceReader.read(file, row -> PreferencePair.of("", row.text("chosen"), "x")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("bad.jsonl:2:")
                .hasMessageContaining("not valid UTF-8");
    }

    @Test
    void whatIsNotOneJsonObjectALineIsRefused() throws IOException {
        assertFault(file("a.jsonl", bytes("{\"chosen\": ")), "a.jsonl:1:", "not JSON");
        assertFault(file("b.jsonl", bytes("{}\n[1]")), "b.jsonl:1:", "'chosen' is missing");
        assertFault(file("b.jsonl", bytes("\n {\"a\": tru}")), "b.jsonl:2:", "'tru' is no value");
        assertFault(file("c.jsonl", bytes("{} {}")), "c.jsonl:1:", "not JSON");
        assertFault(
                file("d.jsonl", bytes("{\"chosen\":\"a\",\"chosen\":\"b\"}")), "d.jsonl:1:", "'chosen' occurs twice");
        assertFault(file("e.jsonl", bytes("[".repeat(100_000))), "e.jsonl:1:", "not JSON");
    }

    @Test
    void aMissingFileAndAFileWithoutUsableRowsAreRefused() throws IOException {
        assertFault(folder.resolve("absent.jsonl"), "absent.jsonl:", "no such file");
        assertFault(file("empty.jsonl", new byte[0]), "empty.jsonl:", "no usable row");
    }

    private static void assertFault(Path file, String... parts) {
        assertThatThrownBy(() -> PreferenceReader.read(file, PreferenceFormats.hhRlhf()))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContainingAll(parts);
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(out)) {
            packed.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] xz(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packed = new XZOutputStream(out, new LZMA2Options())) {
            packed.write(content);
        }
        return out.toByteArray();
    }
}
