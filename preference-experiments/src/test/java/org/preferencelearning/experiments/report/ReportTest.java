package org.preferencelearning.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.experiments.exact.ExactStudy;
import org.preferencelearning.experiments.flagship.CaseBook;
import org.preferencelearning.experiments.online.OnlineSamples;
import org.preferencelearning.experiments.result.CellResult;
import org.preferencelearning.experiments.result.Provenance;
import org.preferencelearning.experiments.result.StudyResult;
import org.preferencelearning.experiments.run.RunDirectoryException;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.sparse.DualTokenWorld;
import org.preferencelearning.experiments.sparse.SampleComplexityStudy;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Measurements;
import org.preferencelearning.experiments.study.Study;

class ReportTest {
    /** Everything that has led from text to markup, or from one text into its neighbours. */
    private static final String HOSTILE = "<script>pwned=1</script></svg></style></title><img src=x onerror=pwned=2>"
            + "\" onload=\"pwned=3' onclick='pwned=4 &lt;b&gt; ]]> <!-- \u202Eabc\u2066\u200B\u0000\u0007\u001B[2J\uD800 "
            + "javascript:pwned=5 {{7*7}} \u2028";

    @TempDir
    Path folder;

    /** A study whose every text is hostile, with labels in every place that takes one. */
    record Hostile(String name, List<Claim> claims) implements Study {
        static final String LEFT = "left " + HOSTILE;
        static final String RIGHT = "right " + "x".repeat(100_000) + HOSTILE;

        static Hostile study() {
            return new Hostile(
                    HOSTILE,
                    List.of(Claim.larger(HOSTILE, CellId.method(LEFT), CellId.method(RIGHT), "source " + HOSTILE)));
        }

        @Override
        public List<Cell> cells(Contents contents) {
            return List.of();
        }

        @Override
        public Map<String, List<String>> coordinates() {
            return Map.of(CellId.METHOD, List.of(LEFT, RIGHT), CellId.SEED, List.of("1", "2"));
        }

        @Override
        public List<String> metrics() {
            return List.of(HOSTILE);
        }
    }

    private static StudyResult hostile() {
        List<CellResult> cells = new ArrayList<>();
        for (String method : List.of(Hostile.LEFT, Hostile.RIGHT)) {
            for (int seed = 1; seed <= 2; seed++) {
                cells.add(new CellResult(
                        CellId.method(method).and(CellId.SEED, seed),
                        Measurements.builder()
                                .add(HOSTILE, seed + method.length() % 7, "unit " + HOSTILE)
                                .add(Measurements.LEFT_OUT + HOSTILE, 3, HOSTILE)
                                .build(0)));
            }
        }
        return new StudyResult(Hostile.study(), cells, new Provenance(Map.of("fact " + HOSTILE, HOSTILE)));
    }

    @Test
    void hostileTextStaysText() {
        String html = Report.of(hostile(), hostile()).html();
        requireHarmless(html);
        // it was there to be harmful, and is to be seen
        assertThat(Jsoup.parse(html).text())
                .contains("<script>pwned=1</script>", "⟨U+202E⟩", "⟨U+D800⟩", "␇", "onerror=");
        // a name of 100,000 characters is cut, and says so
        assertThat(Jsoup.parse(html).text()).contains("more characters)");
        assertThat(html.length()).isLessThan(2_000_000);
    }

    /** What a prompt or a response says is read back as it was, but for what has no shape, which is written out. */
    @Test
    void hostilePromptsAndResponsesStayText() {
        String plain = "<script>pwned=1</script></p></svg><svg onload=pwned=2>&lt;b&gt; &amp; \" ' ]]> שלום --> {{x}}";
        List<String> texts = List.of(plain, HOSTILE, "line\n  two\ttabs\r\u0085", "y".repeat(100_000) + plain);
        List<OnlineSamples.Sample> samples = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            samples.add(new OnlineSamples.Sample(
                    CellId.method("m " + HOSTILE), i + texts.get(i), texts.get(i), i % 2 == 0, i));
        }
        String html = Markup.page(Markup.el("html", Markup.el("body", Section.responses(1, samples))));
        requireHarmlessMarkup(html);
        Document page = Jsoup.parse(html);
        List<String> shown =
                page.select("p.response").stream().map(Element::wholeText).toList();
        assertThat(shown).hasSize(2 * texts.size());
        assertThat(page.select("p.response[dir=auto]")).hasSize(2 * texts.size());
        assertThat(shown.subList(0, 2)).containsExactly("0" + plain, plain);
        assertThat(shown.get(3)).startsWith("<script>pwned=1</script></svg>").contains("⟨U+202E⟩", "␀", "⟨U+D800⟩");
        assertThat(shown.get(5)).isEqualTo("line\n  two␉tabs␍⟨U+0085⟩");
        assertThat(shown.get(7)).hasSizeLessThan(2_100).startsWith("yyy").endsWith("more characters)");
    }

    @Test
    void hostileNamesOfFoldersAreHarmlessToo() throws IOException {
        Path run = folder.resolve("<img src=x onerror=alert(1)>\u0007");
        Runners.local(run.resolve("a\"><script>alert(1)<")).run(CaseBook.policyMisspecified(1, 0.2));
        Path page = Reports.write(run);
        requireHarmless(Files.readString(page));
        assertThat(Files.readString(page)).contains("␇");
        try (var files = Files.list(Reports.tables(page))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .allMatch(name -> name.matches("[A-Za-z0-9._-]+"))
                    .contains("rows.csv");
        }
    }

    /** As a browser reads it: known elements and attributes only, nothing that loads or runs, no invisible character. */
    private static void requireHarmless(String html) {
        requireHarmlessMarkup(html);
        Document page = Jsoup.parse(html);
        assertThat(page.select("style")).hasSize(1);
        assertThat(page.head().select("title")).hasSize(1);
        assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
                .isEqualTo("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    }

    private static void requireHarmlessMarkup(String html) {
        Document page = Jsoup.parse(html);
        Set<String> names =
                page.getAllElements().stream().map(Element::normalName).collect(Collectors.toCollection(TreeSet::new));
        assertThat(names)
                .doesNotContain(
                        "script", "img", "iframe", "object", "embed", "foreignobject", "b", "link", "base", "form");
        for (Element element : page.getAllElements()) {
            for (Attribute attribute : element.attributes()) {
                assertThat(attribute.getKey()).doesNotStartWith("on").isNotIn("src", "style", "srcdoc", "action");
                if (attribute.getKey().equals("href")) {
                    assertThat(attribute.getValue()).matches("#[\\w-]+");
                }
            }
        }
        assertThat(html.codePoints()
                        .filter(c -> c != '\n'
                                && (Character.getType(c) == Character.CONTROL
                                        || Character.getType(c) == Character.FORMAT
                                        || Character.getType(c) == Character.SURROGATE)))
                .isEmpty();
    }

    @Test
    void markupKnowsNoElementOrAttributeThatRunsOrLoads() {
        for (String element :
                List.of("script", "img", "iframe", "foreignObject", "link", "base", "object", "use", "a\"")) {
            assertThatThrownBy(() -> Markup.el(element)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String attribute : List.of("onclick", "style", "src", "srcdoc", "xlink:href")) {
            assertThatThrownBy(() -> Markup.el("p").with(attribute, "x")).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Markup.el("a").with("href", "javascript:1"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Markup.Style("</style>")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRunBecomesAPageThatSaysWhatWasAskedAndAnsweredFirst() throws IOException {
        Runners.local(folder).run(CaseBook.policyMisspecified(1, 0.2));
        Path page = Reports.write(folder);
        assertThat(page).isEqualTo(folder.resolve("report.html"));
        Document html = Jsoup.parse(Files.readString(page));
        assertThat(html.select("h1").text()).isEqualTo("2 policy mis-specified");
        assertThat(html.select(".verdicts li")).hasSize(3);
        assertThat(html.select(".verdicts li").get(1).text())
                .startsWith("supported Is the value of RLHF larger than that of DPO? Yes: the difference is +0.1")
                .contains("with nothing random. Source: paper, Section 3");
        List<String> order = html.select("h1, .question, .verdicts, .figures").eachAttr("class");
        assertThat(order).containsExactly("question", "verdicts", "figures");
        for (Element drawing : html.select("svg[role=img]")) {
            for (String id : drawing.attr("aria-labelledby").split(" ")) {
                assertThat(drawing.select("#" + id).text()).as(id).isNotBlank();
            }
            assertThat(drawing.closest("figure").select("details table tbody tr"))
                    .isNotEmpty();
        }
        assertThat(html.select("[id]").eachAttr("id")).doesNotHaveDuplicates();
        assertThat(html.text()).contains("preference reproduce " + folder);
    }

    @Test
    void theNumbersBehindAChartAreThoseOfTheStudy() throws IOException {
        StudyResult result = Runners.local(folder).run(sparse());
        Path page = Reports.write(folder);
        String method = result.study().coordinates().get(CellId.METHOD).get(0);
        double mean = result.summary(CellId.method(method).and(CellId.SIZE, 40), SampleComplexityStudy.ERROR)
                .mean();
        assertThat(Files.readString(folder.resolve("report/error-by-size.csv")))
                .startsWith("series,training pairs n,squared error (reward²),± half of the 95 % interval,values\r\n")
                .contains(method + ",40.0," + mean + ",")
                .contains("d / n,40.0," + 6 / 40.0 + ",,1\r\n");
        assertThat(Files.readString(folder.resolve("report/rows.csv")).lines().count())
                .isEqualTo(1 + result.rows().size());
        assertThat(Jsoup.parse(Files.readString(page)).select("figure")).hasSize(3);
    }

    private static SampleComplexityStudy sparse() {
        return SampleComplexityStudy.of("small")
                .world(new DualTokenWorld(6, 2, 8, 1, 0))
                .sizes(20, 40)
                .seeds(1, 2);
    }

    @Test
    void aMapShowsEachTilesWinner() {
        StudyResult result = Runners.inMemory().run(CaseBook.maps().get(0));
        Document html = Jsoup.parse(Report.of(result).html());
        // better iff beta < R / 3: of 8 betas at 8 scales
        assertThat(html.select("svg[role=img] .tile.first")).hasSize(36);
        assertThat(html.select("svg[role=img] .tile.second")).isEmpty();
        assertThat(html.select("svg[role=img] .tile.equal")).hasSize(28);
    }

    @Test
    void aFolderOfRunsIsOnePageAndAComparisonSaysWhatDiffers() throws IOException {
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        ExactStudy first = CaseBook.policyMisspecified(1, 0.2);
        Runners.local(one.resolve("a")).run(first);
        Runners.local(one.resolve("b")).run(CaseBook.rewardMisspecified(1, 0.2));
        Runners.local(other.resolve("a")).run(CaseBook.policyMisspecified(1, 0.3));
        Report report = Report.of(one).compare(other);
        Document html = Jsoup.parse(report.html());
        assertThat(html.select("main > section")).hasSize(3);
        assertThat(html.select("#comparison").text()).contains("study.problem.beta 0.2 0.3");
        assertThat(report.csv().get("comparison.csv")).contains("RLHF,value,");
        assertThatThrownBy(() -> Report.of(one).compare(other.resolve("a")).compare(folder.resolve("none")))
                .isInstanceOfAny(SettingException.class, RunDirectoryException.class);
        // a run with itself
        assertThat(Report.of(one.resolve("a")).compare(one.resolve("a")).csv().get("comparison.csv"))
                .isEqualTo("cell,metric,here,there,there less here\r\n");
    }

    @Test
    void whatIsNoRunOrNoPageIsRefusedByName() throws IOException {
        assertThatThrownBy(() -> Report.of(folder))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("is no run and holds none");
        assertThatThrownBy(() -> Report.of(folder.resolve("absent")))
                .isInstanceOf(RunDirectoryException.class)
                .hasMessageContaining("no such folder");
        Report report = Report.of(Runners.inMemory().run(CaseBook.policyMisspecified(1, 0.2)));
        assertThatThrownBy(() -> Reports.write(report, folder.resolve("page.txt")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(".html");
        Files.createDirectory(folder.resolve("mine"));
        Files.writeString(folder.resolve("mine/notes.txt"), "my own");
        assertThatThrownBy(() -> Reports.write(report, folder.resolve("mine.html")))
                .isInstanceOfAny(SettingException.class, OutputException.class)
                .hasMessageContaining("notes.txt");
        assertThat(folder.resolve("mine/notes.txt")).hasContent("my own");
        assertThat(folder.resolve("mine.html")).doesNotExist();
    }

    @Test
    void fieldsOfCsvAreQuotedWhereTheyMustBe() {
        List<Object> row = new ArrayList<>(List.of("a,\"b\"\nc", 0.1));
        row.add(null);
        assertThat(new Table(List.of("x", "y", "z"), List.of(row)).csv())
                .isEqualTo("x,y,z\r\n\"a,\"\"b\"\"\nc\",0.1,\r\n");
    }
}
