package org.preferencelearning.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** What is published: the list of versions is complete, and advisories about what programs run with are known and answered. */
class PublishedArtifactsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(preference-[\\w-]+)</artifactId>");
    private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");

    @Test
    void theListOfVersionsHasEveryLibraryAndTheTestedBackend() throws IOException {
        String bom = Files.readString(ROOT.resolve("preference-core/bom/pom.xml"));
        String parent = Files.readString(ROOT.resolve("pom.xml"));
        Set<String> published = new TreeSet<>();
        Matcher modules = Pattern.compile("<module>([^<]+)</module>").matcher(parent);
        while (modules.find()) {
            if (!modules.group(1).endsWith("/bom") && !modules.group(1).equals("preference-examples")) {
                String pom = Files.readString(ROOT.resolve(modules.group(1)).resolve("pom.xml"));
                published.add(first(ARTIFACT, pom.substring(pom.indexOf("</parent>"))));
            }
        }
        Set<String> listed = new TreeSet<>();
        Matcher managed = ARTIFACT.matcher(bom.substring(bom.indexOf("<dependencyManagement>")));
        while (managed.find()) {
            listed.add(managed.group(1));
        }
        assertThat(listed).isEqualTo(published).contains("preference-core");
        assertThat(first(VERSION, bom)).as("version").isEqualTo(first(VERSION, parent));
        assertThat(first(Pattern.compile("nd4j-native</artifactId>\\s*<version>([^<]+)<"), bom))
                .isEqualTo(first(Pattern.compile("<nd4j.version>([^<]+)<"), parent));
    }

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as(pattern.pattern()).isTrue();
        return found.group(1);
    }

    @Test
    void advisoriesAboutWhatProgramsRunWithAreAnswered() throws IOException {
        Advisories advisories = new Advisories(
                new ObjectMapper().readTree(ROOT.resolve("docs/advisories.json").toFile()));
        Map<String, String> tree = tree();
        assertThat(tree).containsKeys("org.nd4j:nd4j-api", "org.apache.commons:commons-lang3", "org.nd4j:jackson");
        assertThat(advisories.left()).isEqualTo(advisories.affecting(tree)).isNotEmpty();
    }

    @Test
    void whatIsNotAnsweredAndWhatIsNoLongerThereAreFound() throws IOException {
        JsonNode json = new ObjectMapper().readTree("""
                        {"copies": {"a:shade": {"b:lib": "1.5"}},
                         "advisories": [{"id": "CVE-1", "artifact": "b:lib", "below": "2.0"},
                                        {"id": "CVE-2", "artifact": "c:own", "below": "1.10.1"}],
                         "left": [{"in": "a:shade", "ids": ["CVE-1"], "why": "never called"}]}
                        """);
        Advisories advisories = new Advisories(json);
        assertThat(advisories.affecting(Map.of("a:shade", "1", "c:own", "1.10.1")))
                .isEqualTo(advisories.left());
        assertThat(advisories.affecting(Map.of("a:shade", "1", "c:own", "1.9")))
                .contains("CVE-2 in c:own")
                .isNotEqualTo(advisories.left());
        assertThat(advisories.affecting(Map.of("c:own", "2"))).isEmpty();
        assertThat(advisories.affecting(Map.of("b:lib", "1.9.9-jre"))).containsExactly("CVE-1 in b:lib");
    }

    /** The copies that ND4J's jars hold are those that the list says. */
    @Test
    void copiesInsideOfJarsAreThoseThatTheListSays() throws IOException {
        JsonNode copies = new ObjectMapper()
                .readTree(ROOT.resolve("docs/advisories.json").toFile())
                .get("copies");
        for (String entry : System.getProperty("java.class.path").split(System.getProperty("path.separator"))) {
            Path jar = Path.of(entry);
            String holder = "org.nd4j:" + jar.getFileName().toString().replaceAll("-1\\.0\\.0-M2\\.1\\.jar$", "");
            if (copies.has(holder) && jar.toString().contains("nd4j")) {
                Map<String, String> held = held(jar);
                copies.get(holder).properties().forEach(copy -> assertThat(held)
                        .as(holder)
                        .containsEntry(copy.getKey(), copy.getValue().textValue()));
            }
        }
    }

    /** What jars that were built by Maven hold, by its notes. */
    private static Map<String, String> held(Path jar) throws IOException {
        Map<String, String> held = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith("/pom.properties")) {
                    Properties note = new Properties();
                    note.load(zip);
                    held.put(
                            note.getProperty("groupId") + ":" + note.getProperty("artifactId"),
                            note.getProperty("version").strip());
                }
            }
        }
        return held;
    }

    /** Artifacts that this runs with, and their versions, by where Maven keeps them. */
    private static Map<String, String> tree() {
        Map<String, String> tree = new TreeMap<>();
        List<String> jars = Stream.of(System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                .map(entry -> entry.replace('\\', '/'))
                .toList();
        // wherever the local repository is
        String known = "org/nd4j/nd4j-api/";
        String repository = jars.stream()
                .filter(jar -> jar.contains("/" + known))
                .map(jar -> jar.substring(0, jar.lastIndexOf(known)))
                .findFirst()
                .orElseThrow();
        Pattern place = Pattern.compile(Pattern.quote(repository) + "(.+)/([^/]+)/([^/]+)/\\2-\\3[^/]*\\.jar");
        jars.stream()
                .map(place::matcher)
                .filter(Matcher::matches)
                .forEach(found -> tree.put(found.group(1).replace('/', '.') + ":" + found.group(2), found.group(3)));
        return tree;
    }

    /** A list of advisories, and of those that are left with a reason. */
    private record Advisories(JsonNode json) {
        /** Such as {@code CVE-1 in group:artifact}, of a tree's artifacts and of the copies that they hold. */
        Set<String> affecting(Map<String, String> tree) {
            Set<String> affecting = new TreeSet<>();
            tree.forEach((artifact, version) -> {
                add(affecting, artifact, artifact, version);
                json.get("copies")
                        .path(artifact)
                        .properties()
                        .forEach(copy -> add(
                                affecting,
                                artifact,
                                copy.getKey(),
                                copy.getValue().textValue()));
            });
            return affecting;
        }

        private void add(Set<String> affecting, String holder, String artifact, String version) {
            for (JsonNode advisory : json.get("advisories")) {
                if (advisory.get("artifact").textValue().equals(artifact)
                        && isBelow(version, advisory.get("below").textValue())) {
                    affecting.add(advisory.get("id").textValue() + " in " + holder);
                }
            }
        }

        /** By their numbers, without what follows a hyphen. */
        private static boolean isBelow(String version, String bound) {
            return Version.parse(version.replaceAll("-.*", "")).compareTo(Version.parse(bound)) < 0;
        }

        Set<String> left() {
            Set<String> left = new TreeSet<>();
            for (JsonNode one : json.get("left")) {
                assertThat(one.get("why").textValue()).as("why").isNotBlank();
                one.get("ids")
                        .forEach(id ->
                                left.add(id.textValue() + " in " + one.get("in").textValue()));
            }
            return left;
        }
    }
}
