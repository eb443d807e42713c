package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.testkit.DuckDbJar;

/** Rows in the schemas that people publish become the pairs that they mean, or are counted, or refused by name. */
class PreferenceFormatsTest {
    private static final Path DATA = Path.of("src/test/resources/data");
    /** A row that every schema with the field takes; for rows of which another one is the subject. */
    private static final Map<String, PreferenceFormat> FORMATS = Map.of(
            "pku", PreferenceFormats.pkuSafeRlhf(Criterion.BETTER),
            "plain", PreferenceFormats.promptChosenRejected(),
            "implicit", PreferenceFormats.implicitPrompt(),
            "chat", PreferenceFormats.conversations(),
            "binarized", PreferenceFormats.ultraFeedbackBinarized(),
            "ratings", PreferenceFormats.ultraFeedbackRatings(),
            "orca", PreferenceFormats.orcaPairs(),
            "shp", PreferenceFormats.stanfordHumanPreferences(),
            "webgpt", PreferenceFormats.webGptComparisons());

    @TempDir
    Path folder;

    private static PreferenceFormat format(String name) {
        return switch (name) {
            case "alpaca" -> PreferenceFormats.llamaFactoryRanking();
            case "sharegpt" -> PreferenceFormats.shareGptRanking();
            default -> FORMATS.get(name);
        };
    }

    private Path file(String rows) throws IOException {
        return Files.writeString(
                folder.resolve("rows.jsonl"), rows.replace('\'', '"').replace('~', '\n'));
    }

    private PreferenceReader.Result read(String format, String rows) throws IOException {
        return PreferenceReader.read(file(rows), format(format));
    }

    private PreferencePair pair(String format, String row) throws IOException {
        PreferenceReader.Result read = read(format, row);
        assertThat(read.rejected().counts()).isEmpty();
        assertThat(read.unusedFields()).isEmpty();
        return read.dataset().pairs().get(0);
    }

    /** 291 random pairs of texts, by TRL's own function; where nothing is in common TRL leaves the prompt empty, or errs. */
    @Test
    void implicitPromptsAreCutWhereTrlCutsThem() throws IOException {
        int used = 0;
        for (JsonNode one :
                new ObjectMapper().readTree(DATA.resolve("implicit.json").toFile())) {
            String chosen = one.at("/of/0").textValue();
            String rejected = one.at("/of/1").textValue();
            Path file = folder.resolve("one.jsonl");
            new ObjectMapper().writeValue(file.toFile(), Map.of("chosen", chosen, "rejected", rejected));
            List<String> expected = List.of(
                    one.at("/is/0").textValue(),
                    one.at("/is/1").textValue(),
                    one.at("/is/2").textValue());
            if (expected.get(0).isEmpty() || chosen.charAt(0) != rejected.charAt(0)) {
                assertThatThrownBy(() -> PreferenceReader.read(file, PreferenceFormats.implicitPrompt()))
                        .as(one.toString())
                        .hasMessageContaining("rejected: 1 {");
            } else if (PythonText.isBlank(expected.get(1)) || PythonText.isBlank(expected.get(2))) {
                assertThatThrownBy(() -> PreferenceReader.read(file, PreferenceFormats.implicitPrompt()))
                        .hasMessageContaining("empty response=1");
            } else {
                PreferencePair pair = PreferenceReader.read(file, PreferenceFormats.implicitPrompt())
                        .dataset()
                        .pairs()
                        .get(0);
                assertThat(List.of(pair.prompt(), pair.chosen(), pair.rejected()))
                        .as(one.toString())
                        .isEqualTo(expected);
                used++;
            }
        }
        assertThat(used).isGreaterThan(100);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // the prompt in front, as a list or a text, or within; an earlier turn; a system; parts; other names
                "{'prompt':[{'role':'user','content':'Hi'}],'chosen':[{'role':'assistant','content':'A'}],'rejected':[{'role':'assistant','content':'B'}]}|_U: Hi_A:| A| B",
                "{'prompt':'Hi','chosen':[{'role':'assistant','content':'A'}],'rejected':[{'role':'assistant','content':'B'}]}|_U: Hi_A:| A| B",
                "{'prompt':'Hi','chosen':[{'role':'user','content':'Hi'},{'role':'assistant','content':'A'}],'rejected':[{'role':'user','content':'Hi'},{'role':'assistant','content':'B'}]}|_U: Hi_A:| A| B",
                "{'prompt':[{'role':'user','content':'Hi'}],'chosen':[{'role':'user','content':'Hi'},{'role':'assistant','content':'A'}],'rejected':[{'role':'user','content':'Hi'},{'role':'assistant','content':'B'}]}|_U: Hi_A:| A| B",
                "{'chosen':[{'role':'user','content':'Hi'},{'role':'assistant','content':'A'}],'rejected':[{'role':'user','content':'Hi'},{'role':'assistant','content':'B'}]}|_U: Hi_A:| A| B",
                "{'chosen':[{'role':'system','content':'Be.'},{'role':'user','content':'1'},{'role':'assistant','content':'2'},{'role':'user','content':'3'},{'role':'assistant','content':'A'}],'rejected':[{'role':'system','content':'Be.'},{'role':'user','content':'1'},{'role':'assistant','content':'2'},{'role':'user','content':'3'},{'role':'assistant','content':'B'}]}|Be._U: 1_A: 2_U: 3_A:| A| B",
                "{'prompt':[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}],'chosen':{'from':'gpt','value':'A'},'rejected':[{'from':'gpt','value':'B'}]}|_U: ab_A:| A| B",
            })
    void conversationsBecomeTurns(String row, String prompt, String chosen, String rejected) throws IOException {
        assertPair(pair("chat", row), prompt, chosen, rejected);
    }

    private static void assertPair(PreferencePair pair, String prompt, String chosen, String rejected) {
        String turns = prompt.replace("_U:", "\n\nHuman:").replace("_A:", "\n\nAssistant:");
        assertThat(pair.prompt()).isEqualTo(turns);
        assertThat(pair.chosen()).isEqualTo(" " + chosen);
        assertThat(pair.rejected()).isEqualTo(" " + rejected);
    }

    /** A conversation as turns is what hh-rlhf writes, and is cut there at the same place. */
    @Test
    void conversationsAreWrittenAsHhRlhfIs() throws IOException {
        PreferencePair chat = pair(
                "chat",
                "{'chosen':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'user','content':'c'},"
                        + "{'role':'assistant','content':'d'}],'rejected':[{'role':'user','content':'a'},"
                        + "{'role':'assistant','content':'b'},{'role':'user','content':'c'},"
                        + "{'role':'assistant','content':'e'}]}");
        Map<String, String> row = new LinkedHashMap<>();
        row.put("chosen", "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d");
        row.put("rejected", "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: e");
        Path hh = folder.resolve("hh.jsonl");
        new ObjectMapper().writeValue(hh.toFile(), row);
        assertThat(PreferenceReader.read(hh, PreferenceFormats.hhRlhf())
                        .dataset()
                        .pairs())
                .containsExactly(chat);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "orca|{'system':'Be.','question':'Q','chosen':'A','rejected':'B'}|Be._U: Q_A:|",
                "orca|{'system':'','question':'Q','chosen':'A','rejected':'B'}|_U: Q_A:|",
                "shp|{'post_id':'x','history':'Q','human_ref_A':'A','human_ref_B':'B','labels':1,'score_A':3,'score_B':1}|_U: Q_A:|",
                "shp|{'history':'Q','human_ref_A':'B','human_ref_B':'A','labels':0,'score_ratio':2.0}|_U: Q_A:|",
                "webgpt|{'question':{'dataset':'eli5','id':'1','full_text':'Q'},'answer_0':'A','answer_1':'B','score_0':0.5,'score_1':-0.5}|_U: Q_A:|1",
                "webgpt|{'question':'Q','answer_0':'B','answer_1':'A','score_0':-0.25,'score_1':0.25}|_U: Q_A:|0.5",
                "alpaca|{'instruction':'Q','input':'','chosen':'A','rejected':'B'}|_U: Q_A:|",
                "alpaca|{'instruction':'Q','input':'I','chosen':'A','rejected':'B','system':'S','history':[['1','2']]}|S_U: 1_A: 2_U: Q+I_A:|",
                "sharegpt|{'conversations':[{'from':'human','value':'1'},{'from':'gpt','value':'2'},{'from':'human','value':'Q'}],'chosen':{'from':'gpt','value':'A'},'rejected':{'from':'gpt','value':'B'},'system':'S','tools':''}|S_U: 1_A: 2_U: Q_A:|",
                "binarized|{'prompt':'Q','prompt_id':'x','chosen':[{'content':'Q','role':'user'},{'content':'A','role':'assistant'}],'rejected':[{'content':'Q','role':'user'},{'content':'B','role':'assistant'}],'messages':[],'score_chosen':8.0,'score_rejected':6.5}|_U: Q_A:|1.5",
                "ratings|{'source':'s','instruction':'Q','models':['m'],'completions':[{'response':'C','fine-grained_score':3},{'response':'A','fine-grained_score':4.5,'overall_score':1},{'response':'B','fine-grained_score':1.25,'overall_score':10},{'response':'D','fine-grained_score':4.5}]}|_U: Q_A:|3.25",
            })
    void rowsOfEverySchemaBecomePairs(String format, String row, String prompt, Double margin) throws IOException {
        PreferencePair pair = pair(format, row);
        assertPair(pair, prompt.replace('+', '\n'), "A", "B");
        assertThat(pair.margin()).isEqualTo(margin == null ? OptionalDouble.empty() : OptionalDouble.of(margin));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "pku|{'prompt':'Q','response_0':'A','response_1':'B','better_response_id':null}|no judgement",
                "shp|{'history':'Q','human_ref_A':'A','human_ref_B':'B','labels':null}|no judgement",
                "webgpt|{'question':'Q','answer_0':'A','answer_1':'B','score_0':0.0,'score_1':0.0}|equal scores",
                "webgpt|{'question':'Q','answer_0':'A','answer_1':'B','score_0':null,'score_1':0.0}|no score",
                "orca|{'question':'Q','chosen':'A','rejected':'A'}|equal responses",
                "orca|{'question':'Q','chosen':'A','rejected':' '}|empty response",
                "binarized|{'chosen':[{'content':'Q','role':'user'},{'content':'A','role':'assistant'}],'rejected':[{'content':'Q','role':'user'},{'content':'B','role':'assistant'}],'score_chosen':1,'score_rejected':2}|chosen has the lower score",
                "ratings|{'instruction':'Q','completions':[{'response':'A','fine-grained_score':3},{'response':'B','fine-grained_score':3}]}|equal scores",
                "ratings|{'instruction':'Q','completions':[{'response':'A','fine-grained_score':3}]}|fewer than two responses",
                "ratings|{'instruction':'Q','completions':[{'response':'A','fine-grained_score':3},{'response':'B'}]}|completion without fine-grained_score",
                "chat|{'chosen':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'user','content':'c'},{'role':'assistant','content':'d'}],'rejected':[{'role':'user','content':'a'},{'role':'assistant','content':'x'}]}|conversations differ before the last turn",
                "chat|{'chosen':[{'role':'assistant','content':'b'}],'rejected':[{'role':'assistant','content':'c'}]}|no prompt",
                "chat|{'prompt':'other','chosen':[{'role':'user','content':'a'},{'role':'assistant','content':'b'}],'rejected':[{'role':'user','content':'a'},{'role':'assistant','content':'x'}]}|prompt is not in the conversation",
                "chat|{'prompt':[{'role':'assistant','content':'a'}],'chosen':[{'role':'assistant','content':'b'}],'rejected':[{'role':'assistant','content':'c'}]}|prompt that does not end with the user",
                "chat|{'prompt':[{'role':'tool','content':'a'}],'chosen':[{'role':'assistant','content':'b'}],'rejected':[{'role':'assistant','content':'c'}]}|message of another role than system, user and assistant",
                "chat|{'prompt':[{'role':'user','content':'a'},{'role':'system','content':'s'},{'role':'user','content':'a'}],'chosen':[{'role':'assistant','content':'b'}],'rejected':[{'role':'assistant','content':'c'}]}|message of the system within the conversation",
                "chat|{'prompt':[{'role':'user','content':[{'type':'image'}]}],'chosen':[{'role':'assistant','content':'b'}],'rejected':[{'role':'assistant','content':'c'}]}|message with a part that is no text",
                "chat|{'prompt':'Q','chosen':[{'role':'assistant','content':'b','tool_calls':[{'x':1}]}],'rejected':[{'role':'assistant','content':'c'}]}|message with a call of a tool",
                "plain|{'prompt':'Q','chosen':'[{\\u0027role\\u0027: \\u0027assistant\\u0027}]','rejected':'x'}|response that is a list of messages written as text",
                "implicit|{'chosen':'Ab','rejected':'Ab'}|equal responses",
                "implicit|{'chosen':'Ab','rejected':'xb'}|no common beginning",
            })
    void rowsThatSayNothingAreCountedByReason(String format, String row, String reason) throws IOException {
        assertThatThrownBy(() -> read(format, row))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("no usable row; rejected: 1 {" + reason + "=1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain|{'prompt':'Q','completion':'A','label':true}|:1: field 'chosen' is missing; fields of the row: prompt, completion, label; these are unpaired rows, which 'train-kto' takes",
                "plain|{'prompt':'Q','chosen':'A','rejected':'B','images':['x.png']}|field 'images' is set: this library reads text alone",
                "chat|{'chosen':'A','rejected':'B'}|field 'chosen' is STRING, not a list of messages",
                "chat|{'rejected':'B'}|field 'chosen' is missing",
                "chat|{'prompt':'Q','chosen':[{'content':'A'}],'rejected':[]}|field 'chosen' holds a message without 'role'",
                "chat|{'prompt':'Q','chosen':[{'role':'assistant'}],'rejected':[]}|whose 'content' (or 'value') is no text",
                "chat|{'prompt':'Q','chosen':[],'rejected':[],'tools':[{'name':'f'}]}|field 'tools' is set",
                "sharegpt|{'conversations':[],'chosen':[],'rejected':[],'images':['x']}|field 'images' is set",
                "alpaca|{'instruction':'Q','chosen':'A','rejected':'B','history':['x']}|field 'history' holds STRING, not a pair of texts",
                "shp|{'history':'Q','human_ref_A':'A','human_ref_B':'B','labels':2}|field 'labels' is 2; allowed: 0 to 1",
                "webgpt|{'question':{'id':1},'answer_0':'A','answer_1':'B','score_0':0,'score_1':1}|field 'question' is OBJECT, not a text",
                "ratings|{'instruction':'Q','completions':{}}|field 'completions' is missing or not a list",
                "pku|{'prompt':'Q','response_0':'A','response_1':'B'}|field 'better_response_id' is missing",
            })
    void anotherSchemaIsRefusedWithLineAndField(String format, String row, String message) {
        assertThatThrownBy(() -> read(format, row))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("rows.jsonl:1: ")
                .hasMessageContaining(message);
    }

    @Test
    void whatNobodyUsesIsCounted() throws IOException {
        PreferenceReader.Result read = read(
                "chat",
                "{'id':1,'prompt':'Q','chosen':[{'role':'assistant','content':'A','name':'x'}],"
                        + "'rejected':[{'role':'assistant','content':'B'}],'note':null,'tags':[]}~"
                        + "{'id':2,'prompt':'Q','chosen':[{'role':'assistant','content':'A'}],"
                        + "'rejected':[{'role':'assistant','content':'B'}],'weight':2}~"
                        + "{'id':3,'prompt':'Q','chosen':[{'role':'assistant','content':'A'}],"
                        + "'rejected':[{'role':'assistant','content':'A'}]}");
        assertThat(read.unusedFields()).isEqualTo(Map.of("id", 2, "weight", 1, "chosen[].name", 1));
        assertThat(read.rejected().counts()).isEqualTo(Map.of("equal responses", 1));
        assertThat(read("plain", "{'prompt':'Q','chosen':'A','rejected':'B','weight':2,'margin':1}")
                        .unusedFields())
                .isEmpty();
        assertThat(read(
                                "ratings",
                                "{'instruction':'Q','completions':[{'response':'A','fine-grained_score':3,"
                                        + "'custom_system_prompt':'s'},{'response':'B','fine-grained_score':1}]}")
                        .unusedFields())
                .isEqualTo(Map.of("completions[].custom_system_prompt", 1));
    }

    @Test
    void conversationsOfParquetArePairs() {
        System.setProperty(DuckDb.PROPERTY, DuckDbJar.require().toString());
        try {
            PreferenceReader.Result read =
                    PreferenceReader.read(DATA.resolve("chats.parquet"), PreferenceFormats.ultraFeedbackBinarized());
            assertThat(read.dataset().pairs())
                    .containsExactly(
                            PreferencePair.of("\n\nHuman: Hi\n\nAssistant:", " Hello", " Go")
                                    .withMargin(2.5),
                            PreferencePair.of("\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:", " d", " é")
                                    .withMargin(0.5));
            assertThat(read.unusedFields()).isEmpty();
        } finally {
            System.clearProperty(DuckDb.PROPERTY);
        }
    }

    @Test
    void columnsStandForFields() throws IOException {
        Path table = Files.writeString(folder.resolve("t.csv"), "question,best,chosen,worst,gap\nQ,A,x,B,2\n");
        PreferenceFormat format = PreferenceFormats.promptChosenRejected();
        Columns columns =
                Columns.of(Map.of("prompt", "question", "chosen", "best", "rejected", "worst", "margin", "gap"));
        PreferenceReader.Result read = PreferenceReader.read(table, format, columns, ReadLimits.defaults());
        assertThat(read.dataset().pairs())
                .containsExactly(PreferencePair.of("Q", "A", "B").withMargin(2));
        // what a column displaces is not used, and said to be
        assertThat(read.unusedFields()).isEqualTo(Map.of("chosen", 1));

        for (String field : Set.of("prompt", "margin")) {
            Map<String, String> wrong = new LinkedHashMap<>(columns.byField());
            wrong.put(field, "qestion");
            assertThatThrownBy(() -> PreferenceReader.read(table, format, Columns.of(wrong), ReadLimits.defaults()))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("t.csv: no row has a column 'qestion', which is to stand for '" + field
                            + "'; columns there are: question, best, chosen, worst, gap");
        }
        Map<String, String> unknown = new LinkedHashMap<>(columns.byField());
        unknown.put("promt", "question");
        assertThatThrownBy(() -> PreferenceReader.read(table, format, Columns.of(unknown), ReadLimits.defaults()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("promt=question")
                .hasMessageContaining("chosen, ")
                .hasMessageContaining("prompt, rejected");
        // a column that some rows have and this one has not
        Path lines = Files.writeString(
                folder.resolve("t.jsonl"),
                "{\"q\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}\n{\"chosen\":\"A\",\"rejected\":\"B\"}");
        assertThatThrownBy(() ->
                        PreferenceReader.read(lines, format, Columns.of(Map.of("prompt", "q")), ReadLimits.defaults()))
                .hasMessageContaining("t.jsonl:2: field 'q', which stands for 'prompt', is missing");
        assertThatThrownBy(() -> Columns.of(Map.of("prompt", " "))).isInstanceOf(SettingException.class);
    }

    @Test
    void rowsAreCountedForEachFile() throws IOException {
        Files.writeString(folder.resolve("b.csv"), "prompt,chosen,rejected\nQ,A,B\nQ,A,A\n");
        Files.writeString(folder.resolve("a.jsonl"), "{\"prompt\":\"P\",\"chosen\":\"A\",\"rejected\":\"B\"}");
        Files.writeString(folder.resolve("c.json"), "[]");
        Files.writeString(folder.resolve("notes.txt"), "");
        PreferenceReader.Result read = PreferenceReader.read(folder, PreferenceFormats.promptChosenRejected());
        assertThat(read.dataset().pairs()).extracting(PreferencePair::prompt).containsExactly("P", "Q");
        assertThat(read.files().stream()
                        .map(file -> Path.of(file.file()).getFileName() + " " + file.used() + " " + file.rejected()))
                .containsExactly("a.jsonl 1 none", "b.csv 1 1 {equal responses=1}", "c.json 0 none");
        assertThat(read.otherFiles())
                .containsExactly(folder.resolve("notes.txt").toString());
        assertThat(new HashSet<>(read.dataset().pairs())).hasSize(2);
    }
}
