package org.preferencelearning.examples;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a command did, run in this process.
 *
 * @param code its exit code
 * @param out what it printed
 * @param err what it said on standard error
 */
record CommandRun(int code, String out, String err) {
    /** A mapper that takes nothing but one JSON value: no {@code NaN}, nothing behind it. */
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static CommandRun of(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream kept = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = Preference.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8));
            return new CommandRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(kept);
        }
    }

    static CommandRun of(List<String> arguments) {
        return of(arguments.toArray(String[]::new));
    }

    /** The last line, which must be one JSON value. */
    JsonNode json() {
        List<String> lines = out.lines().toList();
        try {
            return STRICT.readTree(lines.get(lines.size() - 1));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new UncheckedIOException(out + err, e);
        }
    }
}
