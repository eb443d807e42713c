package org.preferencelearning.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.preferencelearning.core.data.Conversation.Message;

/**
 * The published schemas of preference data. All of them reject pairs whose responses are equal or empty, and rows without a
 * judgement. Where a schema has a question and answers, or messages, instead of texts that follow each other, they become one
 * text as {@link Conversation} says: turns as in hh-rlhf.
 */
public final class PreferenceFormats {
    /** Wrapped around the prompt by the public code of arXiv 2505.19770; note the space at the end. */
    public static final String CONVERSATION_TEMPLATE = "BEGINNING OF CONVERSATION: USER: %s ASSISTANT: ";

    /** A text that is a list of messages, of JSON or of Python: data that was written as text, to no reader's use. */
    private static final Pattern MESSAGES_AS_TEXT =
            Pattern.compile("\\s*\\[\\s*\\{\\s*['\"](role|content|from|value)['\"]\\s*:");

    private static final String NO_PICTURES = "this library reads text alone";

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
            int turn = chosen.lastIndexOf(Conversation.ASSISTANT);
            if (turn < 0) {
                throw new RowRejectedException("no assistant turn");
            }
            int cut = turn + Conversation.ASSISTANT.length();
            if (rejected.lastIndexOf(Conversation.ASSISTANT) != turn
                    || !rejected.startsWith(chosen.substring(0, cut))) {
                throw new RowRejectedException("prompts differ");
            }
            return pair(chosen.substring(0, cut), chosen.substring(cut), rejected.substring(cut));
        };
    }

    /**
     * PKU-SafeRLHF, first and later generations: {@code prompt}, {@code response_0}, {@code response_1} and the id of the
     * response that wins by {@code criterion}; rows where it is null are rejected. The prompt is wrapped in
     * {@link #CONVERSATION_TEMPLATE}.
     */
    public static PreferenceFormat pkuSafeRlhf(Criterion criterion) {
        return row -> {
            for (Criterion other : Criterion.values()) {
                row.ignore(other.field());
            }
            row.ignore("prompt_source");
            for (int i = 0; i < 2; i++) {
                row.ignore(
                        "is_response_" + i + "_safe",
                        "response_" + i + "_source",
                        "response_" + i + "_harm_category",
                        "response_" + i + "_severity_level",
                        "response_" + i + "_sha256");
            }
            int winner = winner(row, criterion.field());
            return pair(
                    CONVERSATION_TEMPLATE.formatted(row.text("prompt")),
                    row.text("response_" + winner),
                    row.text("response_" + (1 - winner)));
        };
    }

    private static int winner(JsonRow row, String field) throws RowRejectedException {
        if (!row.value(field).isMissingNode() && !row.has(field)) {
            throw new RowRejectedException("no judgement");
        }
        return row.integer(field, 0, 1);
    }

    /**
     * {@code prompt}, {@code chosen}, {@code rejected}, taken as they stand, and where present the numbers {@code margin}
     * and {@code weight}.
     */
    public static PreferenceFormat promptChosenRejected() {
        return row -> {
            row.refuse(NO_PICTURES, "images", "image", "videos");
            PreferencePair pair = pair(row.text("prompt"), row.text("chosen"), row.text("rejected"));
            OptionalDouble margin = row.number("margin").map(OptionalDouble::of).orElse(OptionalDouble.empty());
            double weight = row.number("weight").orElse(1.0);
            if (weight < 0) {
                throw new RowRejectedException("weight below 0");
            }
            return new PreferencePair(pair.prompt(), pair.chosen(), pair.rejected(), margin, weight);
        };
    }

    /**
     * {@code chosen} and {@code rejected} are texts that begin with the prompt, as TRL's {@code extract_prompt} takes them: the
     * prompt is what they have in common, less a space at its end, and at least the last character of the shorter is left to
     * its response. Rows with nothing in common are rejected.
     */
    public static PreferenceFormat implicitPrompt() {
        return row -> {
            String chosen = row.text("chosen");
            String rejected = row.text("rejected");
            if (chosen.equals(rejected)) {
                throw new RowRejectedException("equal responses");
            }
            int most = Math.min(chosen.length(), rejected.length()) - 1;
            int cut = 0;
            while (cut < most && chosen.charAt(cut) == rejected.charAt(cut)) {
                cut++;
            }
            if (cut > 0 && Character.isHighSurrogate(chosen.charAt(cut - 1))) {
                cut--; // a character is not cut
            }
            if (cut > 0 && chosen.charAt(cut - 1) == ' ' && chosen.codePointAt(cut) != rejected.codePointAt(cut)) {
                cut--;
            }
            if (cut <= 0) {
                throw new RowRejectedException("no common beginning");
            }
            return pair(chosen.substring(0, cut), chosen.substring(cut), rejected.substring(cut));
        };
    }

    /**
     * TRL's conversations: {@code chosen} and {@code rejected} are lists of messages {@code {role, content}}, with the prompt in
     * {@code prompt}, a list too or the user's text, or as the messages that both begin with.
     */
    public static PreferenceFormat conversations() {
        return PreferenceFormats::conversation;
    }

    /**
     * UltraFeedback as it was made binary for Zephyr: conversations with {@code score_chosen} and {@code score_rejected}, whose
     * difference is the margin; rows of equal scores are rejected.
     */
    public static PreferenceFormat ultraFeedbackBinarized() {
        return row -> {
            row.ignore("prompt_id", "messages", "source");
            return scored(conversation(row), number(row, "score_chosen"), number(row, "score_rejected"));
        };
    }

    /**
     * UltraFeedback as it was published: {@code instruction} and {@code completions} with a {@code response} and a {@code
     * fine-grained_score}, the mean of its ratings. The best is chosen and the worst rejected, of equals the first; the margin is
     * the difference. {@code overall_score} is not used: it is known to be 10 in places where 1 was meant.
     */
    public static PreferenceFormat ultraFeedbackRatings() {
        return row -> {
            row.ignore("source", "models", "correct_answers", "incorrect_answers");
            String prompt = question(row.text("instruction"));
            JsonNode completions = row.value("completions");
            if (!completions.isArray()) {
                throw row.fault("field 'completions' is missing or not a list");
            }
            if (completions.size() < 2) {
                throw new RowRejectedException("fewer than two responses");
            }
            JsonNode best = completions.get(0);
            JsonNode worst = best;
            for (JsonNode completion : completions) {
                if (!completion.path("response").isTextual()) {
                    throw row.fault("field 'completions' holds one without a text 'response'");
                }
                if (!Double.isFinite(score(completion))) {
                    throw new RowRejectedException("completion without fine-grained_score");
                }
                if (!completion.path("custom_system_prompt").asText("").isEmpty()) {
                    row.leave("completions[].custom_system_prompt");
                }
                best = score(completion) > score(best) ? completion : best;
                worst = score(completion) < score(worst) ? completion : worst;
            }
            if (score(best) == score(worst)) {
                throw new RowRejectedException("equal scores");
            }
            return scored(
                    answers(
                            prompt,
                            best.get("response").textValue(),
                            worst.get("response").textValue()),
                    score(best),
                    score(worst));
        };
    }

    private static double score(JsonNode completion) {
        return completion.path("fine-grained_score").asDouble(Double.NaN);
    }

    /** Orca's pairs: {@code system}, perhaps empty, {@code question}, {@code chosen}, {@code rejected}. */
    public static PreferenceFormat orcaPairs() {
        return row -> {
            List<Message> messages = system(row);
            messages.add(Message.user(row.text("question")));
            return answers(Conversation.prompt(messages), row.text("chosen"), row.text("rejected"));
        };
    }

    /**
     * Stanford Human Preferences: {@code history} is the post, {@code human_ref_A} and {@code human_ref_B} are comments on it, and
     * {@code labels} is 1 where A is preferred, else 0.
     */
    public static PreferenceFormat stanfordHumanPreferences() {
        return row -> {
            row.ignore("post_id", "domain", "c_root_id_A", "c_root_id_B");
            row.ignore("created_at_utc_A", "created_at_utc_B", "seconds_difference", "upvote_ratio");
            row.ignore("score_A", "score_B", "score_ratio");
            boolean first = winner(row, "labels") == 1;
            String a = row.text("human_ref_A");
            String b = row.text("human_ref_B");
            return answers(question(row.text("history")), first ? a : b, first ? b : a);
        };
    }

    /**
     * WebGPT's comparisons: {@code question}, a text or an object with {@code full_text}, {@code answer_0}, {@code answer_1} and
     * their scores {@code score_0} and {@code score_1}, whose difference is the margin; rows of equal scores are rejected.
     */
    public static PreferenceFormat webGptComparisons() {
        return row -> {
            row.ignore("dataset");
            JsonNode question = row.value("question");
            String text = question.isObject() && question.path("full_text").isTextual()
                    ? question.path("full_text").textValue()
                    : row.text("question");
            double first = number(row, "score_0");
            double second = number(row, "score_1");
            int winner = first > second ? 0 : 1;
            return scored(
                    answers(question(text), row.text("answer_" + winner), row.text("answer_" + (1 - winner))),
                    Math.max(first, second),
                    Math.min(first, second));
        };
    }

    /**
     * LLaMA-Factory's ranking data in Alpaca's form: {@code instruction} and {@code input}, joined by a line break where there
     * are both, {@code chosen} and {@code rejected}; {@code system} and {@code history}, pairs of earlier turns, where there are.
     */
    public static PreferenceFormat llamaFactoryRanking() {
        return row -> {
            row.refuse(NO_PICTURES, "images", "videos", "audios", "tools");
            List<Message> messages = system(row);
            JsonNode history = row.value("history");
            for (JsonNode turn : history) {
                if (turn.size() != 2
                        || !turn.path(0).isTextual()
                        || !turn.path(1).isTextual()) {
                    throw row.fault("field 'history' holds " + turn.getNodeType() + ", not a pair of texts");
                }
                messages.add(Message.user(turn.get(0).textValue()));
                messages.add(Message.assistant(turn.get(1).textValue()));
            }
            String instruction = row.text("instruction");
            String input = row.optionalText("input").orElse("");
            String user = instruction.isEmpty() || input.isEmpty() ? instruction + input : instruction + "\n" + input;
            messages.add(Message.user(user));
            return answers(Conversation.prompt(messages), row.text("chosen"), row.text("rejected"));
        };
    }

    /**
     * LLaMA-Factory's ranking data in ShareGPT's form: {@code conversations} is a list of messages {@code {from, value}} that ends
     * with a human's, {@code chosen} and {@code rejected} are one such message each; {@code system} where there is one.
     */
    public static PreferenceFormat shareGptRanking() {
        return row -> {
            row.refuse(NO_PICTURES, "images", "videos", "audios", "tools");
            List<Message> messages = system(row);
            messages.addAll(Conversation.of(row, "conversations"));
            return pair(
                    Conversation.prompt(messages),
                    Conversation.answer(Conversation.of(row, "chosen")),
                    Conversation.answer(Conversation.of(row, "rejected")));
        };
    }

    private static PreferencePair conversation(JsonRow row) throws RowRejectedException {
        row.refuse(NO_PICTURES, "images", "image", "videos", "tools");
        List<Message> chosen = Conversation.of(row, "chosen");
        List<Message> rejected = Conversation.of(row, "rejected");
        if (chosen.equals(rejected)) {
            throw new RowRejectedException("equal responses");
        }
        int common = Conversation.common(chosen, rejected);
        List<Message> prompt = new ArrayList<>();
        if (row.value("prompt").isArray()) {
            List<Message> given = Conversation.of(row, "prompt");
            if (Conversation.common(given, chosen.subList(0, common)) < given.size() || common == 0) {
                prompt.addAll(given);
            }
        } else if (row.has("prompt")) {
            String text = row.text("prompt");
            if (common == 0) {
                prompt.add(Message.user(text));
            } else if (chosen.stream().noneMatch(Message.user(text)::equals)) {
                throw new RowRejectedException("prompt is not in the conversation");
            }
        }
        prompt.addAll(chosen.subList(0, common));
        return pair(
                Conversation.prompt(prompt),
                Conversation.answer(chosen.subList(common, chosen.size())),
                Conversation.answer(rejected.subList(common, rejected.size())));
    }

    private static List<Message> system(JsonRow row) {
        List<Message> messages = new ArrayList<>();
        row.optionalText("system")
                .filter(text -> !PythonText.isBlank(text))
                .ifPresent(text -> messages.add(Message.system(text)));
        return messages;
    }

    private static String question(String text) throws RowRejectedException {
        return Conversation.prompt(List.of(Message.user(text)));
    }

    private static PreferencePair answers(String prompt, String chosen, String rejected) throws RowRejectedException {
        return pair(prompt, Conversation.response(chosen), Conversation.response(rejected));
    }

    private static double number(JsonRow row, String field) throws RowRejectedException {
        return row.number(field).orElseThrow(() -> new RowRejectedException("no score"));
    }

    private static PreferencePair scored(PreferencePair pair, double chosen, double rejected)
            throws RowRejectedException {
        if (chosen == rejected) {
            throw new RowRejectedException("equal scores");
        }
        if (chosen < rejected) {
            throw new RowRejectedException("chosen has the lower score");
        }
        double margin = chosen - rejected;
        if (!Double.isFinite(margin)) {
            throw new RowRejectedException("scores whose difference is beyond all numbers");
        }
        return pair.withMargin(margin);
    }

    private static void requireText(String response) throws RowRejectedException {
        if (MESSAGES_AS_TEXT.matcher(response).lookingAt()) {
            throw new RowRejectedException("response that is a list of messages written as text");
        }
    }

    private static PreferencePair pair(String prompt, String chosen, String rejected) throws RowRejectedException {
        requireText(chosen);
        requireText(rejected);
        if (PythonText.isBlank(chosen) || PythonText.isBlank(rejected)) {
            throw new RowRejectedException("empty response");
        }
        if (chosen.equals(rejected)) {
            throw new RowRejectedException("equal responses");
        }
        return PreferencePair.of(prompt, chosen, rejected);
    }
}
