package org.preferencelearning.core.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Messages of a system, a user and an assistant as one text, for models that know no roles: the system's text, then the turns
 * as Anthropic's hh-rlhf writes them, {@code "\n\nHuman: ..."} and {@code "\n\nAssistant: ..."}; the prompt of a response ends
 * with {@code "\n\nAssistant:"}, and the response begins with a space.
 */
final class Conversation {
    private static final String USER = "\n\nHuman: ";
    static final String ASSISTANT = "\n\nAssistant:";

    private static final Set<String> USERS = Set.of("user", "human");
    private static final Set<String> ASSISTANTS = Set.of("assistant", "gpt", "chatgpt", "bot");

    private Conversation() {}

    /** Who speaks. */
    enum Role {
        SYSTEM,
        USER,
        ASSISTANT
    }

    /** One turn. */
    record Message(Role role, String text) {
        static Message user(String text) {
            return new Message(Role.USER, text);
        }

        static Message assistant(String text) {
            return new Message(Role.ASSISTANT, text);
        }

        static Message system(String text) {
            return new Message(Role.SYSTEM, text);
        }
    }

    /** The messages of a field: a list, or one message. */
    static List<Message> of(JsonRow row, String field) throws RowRejectedException {
        JsonNode value = row.value(field);
        if (value.isMissingNode()) {
            row.text(field); // which says that it is missing
        }
        if (!value.isArray() && !value.isObject()) {
            throw row.fault("field '" + field + "' is " + value.getNodeType() + ", not a list of messages");
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : value.isObject() ? List.of(value) : value) {
            messages.add(message(row, field, message));
        }
        return messages;
    }

    private static Message message(JsonRow row, String field, JsonNode message) throws RowRejectedException {
        JsonNode role = message.has("role") ? message.path("role") : message.path("from");
        JsonNode content = message.has("content") ? message.path("content") : message.path("value");
        if (!role.isTextual()) {
            throw row.fault("field '" + field + "' holds a message without 'role' (or 'from')");
        }
        for (var part : message.properties()) {
            if (!Set.of("role", "from", "content", "value").contains(part.getKey())
                    && !part.getValue().isNull()) {
                row.leave(field + "[]." + part.getKey());
            }
        }
        if (message.path("tool_calls").size() > 0) {
            throw new RowRejectedException("message with a call of a tool");
        }
        return new Message(role(role.textValue()), text(row, field, content));
    }

    private static Role role(String name) throws RowRejectedException {
        if (name.equals("system")) {
            return Role.SYSTEM;
        }
        if (USERS.contains(name)) {
            return Role.USER;
        }
        if (ASSISTANTS.contains(name)) {
            return Role.ASSISTANT;
        }
        throw new RowRejectedException("message of another role than system, user and assistant");
    }

    private static String text(JsonRow row, String field, JsonNode content) throws RowRejectedException {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            throw row.fault("field '" + field + "' holds a message whose 'content' (or 'value') is no text");
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("text").isTextual()) {
                throw new RowRejectedException("message with a part that is no text");
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }

    /** A prompt: it ends where the assistant is to speak. */
    static String prompt(List<Message> messages) throws RowRejectedException {
        if (messages.isEmpty()) {
            throw new RowRejectedException("no prompt");
        }
        if (messages.get(messages.size() - 1).role() != Role.USER) {
            throw new RowRejectedException("prompt that does not end with the user");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            switch (message.role()) {
                case USER -> text.append(USER).append(message.text());
                case ASSISTANT -> text.append(ASSISTANT).append(' ').append(message.text());
                case SYSTEM -> {
                    if (i > 0) {
                        throw new RowRejectedException("message of the system within the conversation");
                    }
                    text.append(message.text());
                }
            }
        }
        return text.append(ASSISTANT).toString();
    }

    /** A response as it follows a prompt. */
    static String response(String text) {
        return PythonText.isBlank(text) ? "" : " " + text;
    }

    /** The one message that answers a prompt. */
    static String answer(List<Message> messages) throws RowRejectedException {
        if (messages.size() != 1 || messages.get(0).role() != Role.ASSISTANT) {
            throw new RowRejectedException("conversations differ before the last turn");
        }
        return response(messages.get(0).text());
    }

    /** How many messages two conversations have in common at their beginning. */
    static int common(List<Message> first, List<Message> second) {
        int count = 0;
        while (count < Math.min(first.size(), second.size()) && first.get(count).equals(second.get(count))) {
            count++;
        }
        return count;
    }
}
