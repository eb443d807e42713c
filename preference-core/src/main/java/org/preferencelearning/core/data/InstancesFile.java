package org.preferencelearning.core.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.core.error.OutputException;
import org.preferencelearning.core.io.AtomicFiles;
import org.preferencelearning.core.io.JsonFiles;

/**
 * The public code's files of responses ({@code get_hf2.py}, {@code get_rewards.py}):
 * {@code {"type": "text_only", "instances": [{"prompt", "responses", "rewards"}]}}.
 */
public final class InstancesFile {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private InstancesFile() {}

    /**
     * Reads a file.
     *
     * @throws DataFormatException naming the instance and field if it is missing, not JSON or of another shape
     */
    public static List<AnnotatedPrompt> read(Path file) {
        String name = file.toString();
        JsonNode instances = JsonFiles.read(file).path("instances");
        require(instances.isArray(), name, "field 'instances' is missing or not a list");
        List<AnnotatedPrompt> prompts = new ArrayList<>();
        for (int i = 0; i < instances.size(); i++) {
            prompts.add(prompt(name, "instances[" + i + "]", instances.get(i)));
        }
        return prompts;
    }

    private static AnnotatedPrompt prompt(String name, String at, JsonNode node) {
        require(node.path("prompt").isTextual(), name, at + ".prompt is missing or not a text");
        JsonNode responses = node.path("responses");
        require(responses.isArray() && !responses.isEmpty(), name, at + ".responses is missing, empty or not a list");
        List<String> texts = new ArrayList<>();
        for (JsonNode response : responses) {
            require(response.isTextual(), name, at + ".responses holds " + response + ", not a text");
            texts.add(response.textValue());
        }
        ImmutableDoubleArray.Builder rewards = ImmutableDoubleArray.builder();
        JsonNode given = node.path("rewards");
        require(given.isMissingNode() || given.isArray(), name, at + ".rewards is not a list");
        for (JsonNode reward : given) {
            require(
                    reward.isNumber() && Double.isFinite(reward.doubleValue()),
                    name,
                    at + ".rewards holds " + reward + ", not a finite number");
            rewards.add(reward.doubleValue());
        }
        ImmutableDoubleArray values = rewards.build();
        require(
                values.isEmpty() || values.length() == texts.size(),
                name,
                at + " has " + texts.size() + " responses and " + values.length() + " rewards");
        return new AnnotatedPrompt(node.get("prompt").textValue(), texts, values);
    }

    private static void require(boolean valid, String name, String problem) {
        if (!valid) {
            throw new DataFormatException(name, 0, problem);
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
