package org.preferencelearning.core.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.internal.io.AtomicFiles;
import org.preferencelearning.core.internal.io.JsonProblems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public code's files of responses ({@code get_hf2.py}, {@code get_rewards.py}):
 * {@code {"type": "text_only", "instances": [{"prompt", "responses", "rewards"}]}}; and such instances as rows, of whatever
 * {@link RowFiles} reads.
 */
public final class InstancesFile {
    /** Said where such a file is given and rows are wanted. */
    static final String WHERE_ROWS_ARE_WANTED = "it is a file of responses, {\"instances\": [...]}, which 'annotate',"
            + " 'train-dpo', 'train-pg' and 'evaluate' read; wanted here: rows, one JSON object a line";

    private static final String WANTED =
            " is missing; wanted here: a file of responses, {\"instances\": [...]}, as 'generate'"
                    + " and 'annotate' write it, or rows with 'prompt', 'responses' and 'rewards'. Rows of pairs, one JSON object a"
                    + " line, are read by 'sft', 'generate', 'train-rm', 'kl' and the studies";

    private static final String MISSING = "field 'instances'" + WANTED;

    private static final Pattern BEGINNING =
            Pattern.compile("\\{\\s*(\"type\"\\s*:\\s*\"[^\"]*\"\\s*,\\s*)?\"instances\"\\s*:");

    private static final Logger LOG = LoggerFactory.getLogger(InstancesFile.class);
    private static final List<String> FIELDS = List.of("prompt", "responses", "rewards");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private InstancesFile() {}

    /** Whether a text that begins so is such a file. */
    static boolean isOne(String head) {
        return BEGINNING.matcher(head).lookingAt();
    }

    /** Reads within {@link ReadLimits#current()}. */
    public static List<AnnotatedPrompt> read(Path file) {
        return read(file, ReadLimits.current());
    }

    /**
     * Reads a file. An instance counts as a row.
     *
     * @param file such a file, plain or packed; or rows, as {@link RowFiles} reads them
     * @throws DataFormatException naming the line, instance and field if it is missing, no regular file, of another kind, not
     *     JSON, of another shape or exceeds a limit
     */
    public static List<AnnotatedPrompt> read(Path file, ReadLimits limits) {
        if (holdsRows(file, limits)) {
            return rows(file, limits);
        }
        try (DataFile text = DataFile.open(file, new ReadBudget(limits));
                JsonParser parser = JsonLines.MAPPER.createParser(text.reader())) {
            try {
                return read(text, parser);
            } catch (JsonProcessingException e) {
                long line =
                        e.getLocation() == null ? line(parser) : e.getLocation().getLineNr();
                throw new DataFormatException(file.toString(), line, JsonProblems.describe(e), e);
            } catch (IOException e) {
                throw text.fault(line(parser), e);
            }
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, "it cannot be closed: " + e.getMessage(), e);
        }
    }

    /** Whether there are rows of instances: several files, or one that is no text or begins with such a row. */
    private static boolean holdsRows(Path file, ReadLimits limits) {
        if (!Files.isRegularFile(file)) {
            return Files.isDirectory(file) || !Files.exists(file);
        }
        byte[] head = DataFile.head(file);
        if (FileKind.isZip(head) || FileKind.isParquet(head)) {
            return true;
        }
        try (DataFile text = DataFile.open(file, new ReadBudget(limits))) {
            return text.head().strip().startsWith("[")
                    || firstFieldOf(text.head()).isPresent();
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, "it cannot be closed: " + e.getMessage(), e);
        }
    }

    /** The first field by which a text that begins so is a row of an instance. */
    private static Optional<String> firstFieldOf(String head) {
        try (JsonParser parser = JsonLines.MAPPER.createParser(head)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (name.equals("instances")) {
                    return Optional.empty();
                }
                if (FIELDS.contains(name)) {
                    return Optional.of(name);
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it is longer than its beginning, or no JSON
        }
    }

    private static List<AnnotatedPrompt> rows(Path file, ReadLimits limits) {
        List<AnnotatedPrompt> prompts = new ArrayList<>();
        SortedMap<String, Integer> unused = new TreeMap<>();
        RowFiles.read(file, limits, row -> {
            FIELDS.forEach(row::value);
            if (!row.has("responses")) {
                throw row.fault("field 'responses'" + WANTED);
            }
            prompts.add(new Instance(row.file(), row.line(), "row").prompt(row.fields()));
            row.unused().forEach(field -> unused.merge(field, 1, Integer::sum));
        });
        if (prompts.isEmpty()) {
            throw new DataFormatException(file.toString(), 0, MISSING);
        }
        warn(file.toString(), unused);
        return prompts;
    }

    private static long line(JsonParser parser) {
        return parser.currentLocation().getLineNr();
    }

    private static List<AnnotatedPrompt> read(DataFile file, JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new DataFormatException(file.name(), 0, MISSING);
        }
        List<AnnotatedPrompt> prompts = null;
        SortedMap<String, Integer> unused = new TreeMap<>();
        SortedSet<String> beside = new TreeSet<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            boolean instances = name.equals("instances");
            JsonToken value = parser.nextToken();
            if (instances) {
                require(value == JsonToken.START_ARRAY, file.name(), line(parser), "field 'instances' is not a list");
                prompts = instances(file, parser, unused);
            } else {
                if (!name.equals("type")) {
                    beside.add(name);
                }
                parser.skipChildren();
            }
        }
        if (prompts == null) {
            throw new DataFormatException(file.name(), 0, MISSING);
        }
        require(parser.nextToken() == null, file.name(), line(parser), "something follows the object");
        if (!beside.isEmpty()) {
            LOG.warn("{}: fields beside the instances that are not used: {}", file.name(), beside);
        }
        warn(file.name(), unused);
        return prompts;
    }

    private static void warn(String file, SortedMap<String, Integer> unused) {
        if (!unused.isEmpty()) {
            LOG.warn("{}: fields that are not used, and in how many rows: {}", file, unused);
        }
    }

    private static List<AnnotatedPrompt> instances(DataFile file, JsonParser parser, SortedMap<String, Integer> unused)
            throws IOException {
        List<AnnotatedPrompt> prompts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            long line = parser.currentTokenLocation().getLineNr();
            long start = parser.currentTokenLocation().getCharOffset();
            file.row();
            JsonNode instance = JsonLines.MAPPER.readTree(parser);
            file.requireLength(parser.currentLocation().getCharOffset() - start);
            prompts.add(new Instance(file.name(), line, "instances[" + prompts.size() + "]").prompt(instance));
            instance.fieldNames().forEachRemaining(field -> {
                if (!FIELDS.contains(field)) {
                    unused.merge(field, 1, Integer::sum);
                }
            });
        }
        return prompts;
    }

    /** Where an instance stands. */
    private record Instance(String file, long line, String at) {
        AnnotatedPrompt prompt(JsonNode node) {
            require(node.path("prompt").isTextual(), ".prompt is missing or not a text");
            JsonNode responses = node.path("responses");
            require(responses.isArray() && !responses.isEmpty(), ".responses is missing, empty or not a list");
            List<String> texts = new ArrayList<>();
            for (JsonNode response : responses) {
                require(response.isTextual(), ".responses holds " + response + ", not a text");
                texts.add(response.textValue());
            }
            ImmutableDoubleArray.Builder rewards = ImmutableDoubleArray.builder();
            JsonNode given = node.path("rewards");
            require(given.isMissingNode() || given.isArray(), ".rewards is not a list");
            for (JsonNode reward : given) {
                require(
                        reward.isNumber() && Double.isFinite(reward.doubleValue()),
                        ".rewards holds " + reward + ", not a finite number");
                rewards.add(reward.doubleValue());
            }
            ImmutableDoubleArray values = rewards.build();
            require(
                    values.isEmpty() || values.length() == texts.size(),
                    " has " + texts.size() + " responses and " + values.length() + " rewards");
            return new AnnotatedPrompt(node.get("prompt").textValue(), texts, values);
        }

        private void require(boolean valid, String problem) {
            InstancesFile.require(valid, file, line, at + problem);
        }
    }

    private static void require(boolean valid, String name, long line, String problem) {
        if (!valid) {
            throw new DataFormatException(name, line, problem);
        }
    }

    /**
     * Replaces a file.
     *
     * @throws OutputException if it cannot be written
     */
    public static void write(Path file, List<AnnotatedPrompt> prompts) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("type", "text_only");
        ArrayNode instances = root.putArray("instances");
        for (AnnotatedPrompt prompt : prompts) {
            ObjectNode node = instances.addObject();
            node.put("prompt", prompt.prompt());
            prompt.responses().forEach(node.putArray("responses")::add);
            if (!prompt.rewards().isEmpty()) {
                prompt.rewards().stream().forEach(node.putArray("rewards")::add);
            }
        }
        try {
            AtomicFiles.write(file, MAPPER.writeValueAsBytes(root));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
