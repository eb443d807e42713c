package org.preferencelearning.core.finite;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * A class of functions of prompt and response. As a reward class it holds the rewards themselves; as a policy class the
 * policies proportional to {@code exp(f)}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = FunctionClass.Unrestricted.class, name = "unrestricted"),
    @JsonSubTypes.Type(value = FunctionClass.Linear.class, name = "linear")
})
public sealed interface FunctionClass {
    /** Every function: all rewards, or all policies of full support. */
    record Unrestricted() implements FunctionClass {}

    /**
     * Functions linear in features: linear rewards, or log-linear policies.
     *
     * @param features of the same prompts and responses as the problem
     */
    record Linear(FeatureMap features) implements FunctionClass {
        public Linear {
            requireNonNull(features, "features");
        }
    }

    /** Every function. */
    static FunctionClass unrestricted() {
        return new Unrestricted();
    }

    /** Functions linear in {@code features}. */
    static FunctionClass linear(FeatureMap features) {
        return new Linear(features);
    }
}
