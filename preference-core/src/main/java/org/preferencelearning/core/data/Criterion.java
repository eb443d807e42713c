package org.preferencelearning.core.data;

/** Which judgement of PKU-SafeRLHF makes a response the chosen one. */
public enum Criterion {
    /** The more helpful response: {@code better_response_id}. */
    BETTER("better_response_id"),
    /** The safer response: {@code safer_response_id}. */
    SAFER("safer_response_id");

    private final String field;

    Criterion(String field) {
        this.field = field;
    }

    String field() {
        return field;
    }
}
