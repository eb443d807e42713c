package org.preferencelearning.experiments.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.testkit.ContractOutcome;

/** The contract, run by JUnit as in anyone's project: wrong scores fail it, a right one passes. */
class TextScoreContractTest {
    record Words(List<String> words) implements TextScore {
        @Override
        public String label() {
            return "words";
        }

        @Override
        public double of(String prompt, String response) {
            return Arrays.stream(response.split(" ")).filter(words::contains).count();
        }
    }

    @Test
    void aRightScorePasses() {
        ContractOutcome outcome = outcome(new Words(List.of("thanks", "please")));
        assertThat(outcome.failures()).isEmpty();
        assertThat(outcome.passed()).isEqualTo(6);
    }

    record Share() implements TextScore {
        @Override
        public String label() {
            return "share";
        }

        @Override
        public double of(String prompt, String response) {
            String letters = response.replaceAll("[^a-z]", "");
            return letters.chars().filter(c -> c == 'a').count() / (double) letters.length();
        }
    }

    @Test
    void aScoreThatIsNoNumberIsFound() {
        fails(new Share(), "the score of '' is NaN");
    }

    record FirstWord() implements TextScore {
        @Override
        public String label() {
            return "first word";
        }

        @Override
        public double of(String prompt, String response) {
            return response.split(" ")[0].length();
        }
    }

    @Test
    void aScoreThatBlanksBreakIsFound() {
        // " ".split(" ") has no first word
        fails(new FirstWord(), "Index 0 out of bounds for length 0");
    }

    record PromptOnly() implements TextScore {
        @Override
        public String label() {
            return "prompt";
        }

        @Override
        public double of(String prompt, String response) {
            return prompt.length();
        }
    }

    @Test
    void aScoreOfThePromptAloneIsFound() {
        fails(new PromptOnly(), "all 4 responses have the score 3.0; is what differs between them read?");
    }

    record Calls() implements TextScore {
        private static int calls;

        @Override
        public String label() {
            return "calls";
        }

        @Override
        public double of(String prompt, String response) {
            return response.length() + 1e-9 * calls++;
        }
    }

    @Test
    void aScoreThatRemembersIsFound() {
        fails(new Calls(), ", again and in another order");
    }

    record Capitals() implements TextScore {
        @Override
        public String label() {
            return "capitals";
        }

        @Override
        public double of(String prompt, String response) {
            return response.toLowerCase(Locale.getDefault()).contains("in") ? 1 : 0;
        }
    }

    @Test
    void aScoreThatReadsTheLocaleIsFound() {
        fails(new Capitals(), "the score of 'IN no way', in a Turkish locale");
    }

    record Labelled(String text) implements TextScore {
        private static int calls;

        @Override
        public String label() {
            return text.isBlank() ? text : text + calls++;
        }

        @Override
        public double of(String prompt, String response) {
            return response.length();
        }
    }

    @Test
    void aLabelThatIsNoneIsFound() {
        fails(new Labelled(" "), "label() is blank");
        fails(new Labelled("score "), "label(), twice");
    }

    @Test
    void whatIsNoRecordIsFound() {
        fails(
                new TextScore() {
                    @Override
                    public String label() {
                        return "anonymous";
                    }

                    @Override
                    public double of(String prompt, String response) {
                        return response.length();
                    }
                },
                "a record, so that studies with it can be written down");
    }

    /** A record that is read as another one. */
    record Forgetful(int weight) implements TextScore {
        private static int made;

        Forgetful {
            weight = made++ == 0 ? weight : 1;
        }

        @Override
        public String label() {
            return "forgetful";
        }

        @Override
        public double of(String prompt, String response) {
            return weight * response.length();
        }
    }

    @Test
    void aScoreThatIsReadAsAnotherIsFound() {
        fails(new Forgetful(2), "it comes back as Forgetful[weight=1]");
        assertThat(outcome(Subject.score).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining(", after it was written down"));
    }

    private static void fails(TextScore score, String message) {
        assertThat(outcome(score).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining(message));
    }

    private static ContractOutcome outcome(TextScore score) {
        Subject.score = score;
        return ContractOutcome.of(Subject.class);
    }

    /** A contract test of a score that the test at hand sets. */
    static class Subject extends TextScoreContract {
        private static TextScore score;

        @Override
        protected TextScore score() {
            return score;
        }

        @Override
        protected List<Response> responses() {
            return List.of(
                    new Response("why", "please go"),
                    new Response("why", "thanks please"),
                    new Response("why", "no"),
                    new Response("why", "IN no way"));
        }
    }
}
