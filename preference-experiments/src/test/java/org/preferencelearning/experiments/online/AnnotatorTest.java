package org.preferencelearning.experiments.online;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.gpt2.tokenizer.Gpt2Tokenizer;
import org.preferencelearning.gpt2.tokenizer.Tokenizer;

class AnnotatorTest {
    private final Tokenizer tokenizer = Gpt2Tokenizer.create();

    /** The public code calls Python's strip, which takes no-break spaces and U+0085 too, and leaves U+200B. */
    @Test
    void aModelReadsTheResponseWithoutWhatPythonStrips() {
        List<TokenSequence> read = new ArrayList<>();
        Annotator annotator = Annotator.ofModel(
                sequences -> {
                    read.addAll(sequences);
                    return new double[sequences.size()];
                },
                tokenizer);
        annotator.rewards(List.of(
                sequence("Q: ", " yes\n"), sequence("Q: ", "\u00a0yes\u0085\u202f"), sequence("Q: ", "\u200byes")));
        assertThat(read.get(0).tokens()).isEqualTo(tokenizer.encode("Q: yes"));
        assertThat(read.get(1).tokens()).isEqualTo(tokenizer.encode("Q: yes"));
        assertThat(read.get(2).tokens()).isEqualTo(tokenizer.encode("Q: \u200byes"));
    }

    private TokenSequence sequence(String prompt, String response) {
        int[] first = tokenizer.encode(prompt);
        return new TokenSequence(Ints.concat(first, tokenizer.encode(response)), first.length);
    }
}
