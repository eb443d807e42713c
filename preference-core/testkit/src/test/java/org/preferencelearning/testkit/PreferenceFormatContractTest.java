package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.preferencelearning.core.data.Criterion;
import org.preferencelearning.core.data.PreferenceFormat;
import org.preferencelearning.core.data.PreferenceFormats;
import org.preferencelearning.core.data.PreferencePair;

/** The contract, run by JUnit as in anyone's project: wrong formats fail it, right ones pass. */
class PreferenceFormatContractTest {
    private static final PreferencePair PAIR =
            PreferencePair.of("why?", " because", " no").withMargin(1.5);

    @Nested
    class PromptChosenRejected extends PreferenceFormatContract {
        @Override
        protected PreferenceFormat format() {
            return PreferenceFormats.promptChosenRejected();
        }

        @Override
        protected String row() {
            return Subject.ROW;
        }

        @Override
        protected PreferencePair pair() {
            return PAIR;
        }

        @Override
        protected Set<String> optionalFields() {
            return Set.of("margin");
        }
    }

    @Nested
    class PkuSafeRlhf extends PreferenceFormatContract {
        @Override
        protected PreferenceFormat format() {
            return PreferenceFormats.pkuSafeRlhf(Criterion.BETTER);
        }

        @Override
        protected String row() {
            return "{\"prompt\": \"why?\", \"response_0\": \"no\", \"response_1\": \"because\", \""
                    + "better_response_id\": 1}";
        }

        @Override
        protected PreferencePair pair() {
            return PreferencePair.of(PreferenceFormats.CONVERSATION_TEMPLATE.formatted("why?"), "because", "no");
        }
    }

    @Test
    void swappedResponsesAreFound() {
        fails(
                row -> PreferencePair.of(row.text("prompt"), row.text("rejected"), row.text("chosen"))
                        .withMargin(row.number("margin").orElseThrow()),
                "the pair of {");
    }

    @Test
    void aFieldThatIsReplacedWhereItIsMissingIsFound() {
        PreferenceFormat lenient = row -> {
            String prompt;
            try {
                prompt = row.text("prompt");
            } catch (RuntimeException e) {
                prompt = "why?";
            }
            return PreferencePair.of(prompt, row.text("chosen"), row.text("rejected"))
                    .withMargin(row.number("margin").orElseThrow());
        };
        fails(lenient, "a row without field 'prompt', which is not among optionalFields(), is to be refused: {");
        fails(lenient, "a row with an object as field 'prompt' is to be refused: {");
    }

    @Test
    void aFieldThatIsNotUsedIsFound() {
        fails(
                row -> PreferencePair.of(row.text("prompt"), row.text("chosen"), row.text("rejected"))
                        .withMargin(1.5),
                "with 2.0 in place of 1.5 as field 'margin', the pair is the same: it is not used");
    }

    @Test
    void aFormatThatRemembersIsFound() {
        int[] rows = {0};
        fails(
                row -> PreferencePair.of(row.text("prompt"), row.text("chosen"), row.text("rejected"))
                        .withMargin(row.number("margin").orElseThrow() + rows[0]++),
                "the pairs of {");
    }

    private static void fails(PreferenceFormat format, String message) {
        Subject.format = format;
        assertThat(ContractOutcome.of(Subject.class).failures())
                .anySatisfy(failure -> assertThat(failure).hasMessageContaining(message));
    }

    /** A contract test of a format that the test at hand sets. */
    static class Subject extends PreferenceFormatContract {
        private static final String ROW =
                "{\"prompt\": \"why?\", \"chosen\": \" because\", \"rejected\": \" no\", \"margin\": 1.5}";
        private static PreferenceFormat format;

        @Override
        protected PreferenceFormat format() {
            return format;
        }

        @Override
        protected String row() {
            return ROW;
        }

        @Override
        protected PreferencePair pair() {
            return PAIR;
        }
    }
}
