package org.preferencelearning.core.data;

import java.util.OptionalDouble;

/** The published schemas of preference data. All of them reject pairs whose responses are equal or empty. */
public final class PreferenceFormats {
    /** Wrapped around the prompt by the public code of arXiv 2505.19770; note the space at the end. */
    public static final String CONVERSATION_TEMPLATE = "BEGINNING OF CONVERSATION: USER: %s ASSISTANT: ";

    private static final String ASSISTANT = "\n\nAssistant:";

    private PreferenceFormats() {}

    /**
     * Anthropic's hh-rlhf: {@code chosen} and {@code rejected} are whole transcripts. The prompt is everything up to and
     * including the last {@code "\n\nAssistant:"} of the chosen one; rows whose transcripts differ before it are
     * rejected, as there is then no common prompt.
     */
    public static PreferenceFormat hhRlhf() {
        return row -> {
            String chosen = row.text("chosen");
            String rejected = row.text("rejected");
            int turn = chosen.lastIndexOf(ASSISTANT);
            if (turn < 0) {
                throw new RowRejectedException("no assistant turn");
            }
            int cut = turn + ASSISTANT.length();
            if (rejected.lastIndexOf(ASSISTANT) != turn || !rejected.startsWith(chosen.substring(0, cut))) {
                throw new RowRejectedException("prompts differ");
            }
            return pair(chosen.substring(0, cut), chosen.substring(cut), rejected.substring(cut));
        };
    }

    /**
     * PKU-SafeRLHF, first and later generations: {@code prompt}, {@code response_0}, {@code response_1} and the id of the
     * response that wins by {@code criterion}. The prompt is wrapped in {@link #CONVERSATION_TEMPLATE}.
     */
    public static PreferenceFormat pkuSafeRlhf(Criterion criterion) {
        return row -> {
            int winner = row.integer(criterion.field(), 0, 1);
            return pair(
                    CONVERSATION_TEMPLATE.formatted(row.text("prompt")),
                    row.text("response_" + winner),
                    row.text("response_" + (1 - winner)));
        };
    }

    /**
     * {@code prompt}, {@code chosen}, {@code rejected}, taken as they stand, and where present the numbers {@code margin}
     * and {@code weight}.
     */
    public static PreferenceFormat promptChosenRejected() {
        return row -> {
            PreferencePair pair = pair(row.text("prompt"), row.text("chosen"), row.text("rejected"));
            OptionalDouble margin = row.number("margin").map(OptionalDouble::of).orElse(OptionalDouble.empty());
            double weight = row.number("weight").orElse(1.0);
            if (weight < 0) {
                throw new RowRejectedException("weight below 0");
            }
            return new PreferencePair(pair.prompt(), pair.chosen(), pair.rejected(), margin, weight);
        };
    }

    private static PreferencePair pair(String prompt, String chosen, String rejected) throws RowRejectedException {
        if (PythonText.isBlank(chosen) || PythonText.isBlank(rejected)) {
            throw new RowRejectedException("empty response");
        }
        if (chosen.equals(rejected)) {
            throw new RowRejectedException("equal responses");
        }
        return PreferencePair.of(prompt, chosen, rejected);
    }
}
