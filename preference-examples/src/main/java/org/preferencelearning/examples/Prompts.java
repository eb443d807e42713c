package org.preferencelearning.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.core.data.PythonText;
import org.preferencelearning.core.error.DataFormatException;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

/**
 * Prompts to continue.
 *
 * @param texts in the order of the rows
 * @param rows of the file that they come from
 */
record Prompts(List<String> texts, Rows rows) {
    /** The prompts of pairs, each once. */
    static Prompts of(PairFileOptions.Pairs pairs) {
        List<String> distinct = pairs.dataset().pairs().stream()
                .map(PreferencePair::prompt)
                .distinct()
                .toList();
        return new Prompts(
                distinct,
                pairs.rows().without("repeated prompt", pairs.dataset().size() - distinct.size()));
    }

    /** Without those of more characters. */
    Prompts thatFit(int characters) {
        return that("prompt of more than " + characters + " characters", text -> PythonText.length(text) <= characters);
    }

    /** Without those of no token or of more than so many. */
    Prompts thatFit(Tokenizer tokenizer, int tokens) {
        return that("empty prompt", text -> !text.isEmpty())
                .that("prompt of more than " + tokens + " tokens", text -> tokenizer.encode(text).length <= tokens);
    }

    private Prompts that(String reasonOtherwise, Predicate<String> fits) {
        List<String> kept = new ArrayList<>(texts);
        kept.removeIf(fits.negate());
        return new Prompts(kept, rows.without(reasonOtherwise, texts.size() - kept.size()));
    }

    /** The same, where any are left. */
    Prompts requireAny(Path file) {
        if (texts.isEmpty()) {
            throw new DataFormatException(file.toString(), 0, "no prompt that can be used; " + rows);
        }
        return this;
    }

    List<int[]> encoded(Tokenizer tokenizer) {
        return texts.stream().map(tokenizer::encode).toList();
    }
}
