package org.preferencelearning.experiments.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.experiments.task.StudyMapper;

/** Studies as JSON, with their kind and the version of the form. */
public final class StudyJson {
    /** The version that is written; older ones are none. */
    public static final int VERSION = 2;

    private static final String KIND = "kind";
    private static final String VERSION_FIELD = "version";

    private StudyJson() {}

    /** A study's JSON. */
    public static String write(Study study) {
        try {
            ObjectNode body = StudyMapper.pretty().valueToTree(study);
            ObjectNode json = StudyMapper.pretty().createObjectNode();
            json.set(KIND, body.remove(KIND));
            json.put(VERSION_FIELD, VERSION);
            json.setAll(body);
            return StudyMapper.pretty().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @param name of what is read, for messages
     * @throws DataFormatException if it is no study, of an unknown kind or a newer version, or has a field too many or too
     *     few
     */
    public static Study read(String name, String json) {
        JsonNode tree = MissingNode.getInstance();
        try {
            tree = StudyMapper.pretty().readTree(json);
            if (!(tree instanceof ObjectNode body)) {
                throw new DataFormatException(name, 0, "no study: a JSON object is expected");
            }
            JsonNode version = body.remove(VERSION_FIELD);
            if (version == null || !version.canConvertToInt()) {
                throw new DataFormatException(
                        name, 0, "field 'version' is " + version + "; allowed: the whole number " + VERSION);
            }
            if (version.intValue() != VERSION) {
                throw new DataFormatException(
                        name,
                        0,
                        "field 'version' is " + version + "; this library reads " + VERSION
                                + (version.intValue() > VERSION ? "; a newer one wrote it" : ""));
            }
            return StudyMapper.pretty().treeToValue(body, Study.class);
        } catch (JsonProcessingException e) {
            throw new DataFormatException(name, 0, StudyProblems.describe(e, tree), e);
        }
    }
}
