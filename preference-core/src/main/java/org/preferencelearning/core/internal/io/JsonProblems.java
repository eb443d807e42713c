package org.preferencelearning.core.internal.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with JSON, in the words of one who looks at the text and not of the parser. */
public final class JsonProblems {
    private static final Pattern DUPLICATE = Pattern.compile("Duplicate field '(.*)'", Pattern.DOTALL);
    private static final Pattern CHARACTER = Pattern.compile("(?:Unexpected|Illegal) character \\((.+?) ?\\(code");
    private static final Pattern TOKEN = Pattern.compile("(?:Unrecognized|Non-standard) token '(.{1,40})");

    private JsonProblems() {}

    /** A clause that begins with "not JSON" and ends with the column, if it is known. */
    public static String describe(JsonProcessingException failure) {
        String problem = problem(failure);
        int column = failure.getLocation() == null ? 0 : failure.getLocation().getColumnNr();
        return "not JSON: " + problem + (column > 0 ? " (column " + column + ")" : "");
    }

    /** Whether the text ended where a value had not. */
    public static boolean endsInside(JsonProcessingException failure) {
        return failure instanceof JsonEOFException
                || failure.getOriginalMessage().startsWith("Unexpected end-of-input");
    }

    private static String problem(JsonProcessingException failure) {
        if (endsInside(failure)) {
            return "it ends inside a value";
        }
        if (failure instanceof StreamConstraintsException) {
            return "values are nested too deep, or a number or name is too long";
        }
        String message = failure.getOriginalMessage();
        if (message.startsWith("Illegal unquoted character")) {
            return "a control character within a text is not escaped";
        }
        Matcher duplicate = DUPLICATE.matcher(message);
        if (duplicate.find()) {
            return "field '" + duplicate.group(1) + "' occurs twice";
        }
        Matcher character = CHARACTER.matcher(message);
        if (character.find()) {
            return "unexpected character " + character.group(1);
        }
        Matcher token = TOKEN.matcher(message);
        return token.find() ? "'" + token.group(1).replaceAll("'.*", "") + "' is no value" : "a value is malformed";
    }
}
