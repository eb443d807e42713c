package org.preferencelearning.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;

/** Where a command's result goes. */
record Output(PrintStream stream) {
    void text(String text) {
        stream.println(text);
    }

    /** One JSON object on one line. */
    void json(Object value) {
        try {
            stream.println(new ObjectMapper().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
