package org.preferencelearning.experiments.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.preferencelearning.core.error.SettingException;

/** Checks that what users bring can be written down, so that it can be kept, keyed and read elsewhere. */
public final class Described {
    private Described() {}

    /**
     * A part of a study that comes back from JSON as it was.
     *
     * @param setting name of the setting, for the message
     * @param type the interface that it implements
     * @throws SettingException if it is no record, or one that JSON loses something of
     */
    public static <T> T require(String setting, T part, Class<T> type) {
        SettingException.require(
                part != null && part.getClass().isRecord(),
                setting,
                part == null ? "null" : part.getClass().getName(),
                "a record, so that studies with it can be written down");
        String problem;
        try {
            T read = StudyMapper.line()
                    .readValue(StudyMapper.line().writerFor(type).writeValueAsString(part), type);
            problem = read.equals(part) ? "" : "it comes back as " + read;
        } catch (JsonProcessingException e) {
            problem = e.getOriginalMessage();
        }
        SettingException.require(
                problem.isEmpty(),
                setting,
                part.getClass().getName(),
                "a record whose components can be written as JSON and read again: " + problem);
        return part;
    }
}
