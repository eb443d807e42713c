package org.preferencelearning.experiments.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.preferencelearning.core.error.DataFormatException;

/** Studies as JSON. */
public final class StudyJson {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private StudyJson() {}

    /** A study's JSON. */
    public static String write(Object study) {
        try {
            return MAPPER.writeValueAsString(study);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws DataFormatException if it is not a study of that type
     */
    public static <S> S read(String json, Class<S> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new DataFormatException("study", 0, e.getOriginalMessage(), e);
        }
    }
}
