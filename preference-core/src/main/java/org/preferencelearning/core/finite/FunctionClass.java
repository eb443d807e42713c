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
    @JsonSubTypes.Type(value = FunctionClass.Linear.class, name = "linear"),
    @JsonSubTypes.Type(value = FunctionClass.Tilted.class, name = "tilted")
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

    /**
     * As rewards, those that are linear in features; as policies, those proportional to {@code pi_ref exp(f)}, so that their
     * implicit rewards are these rewards whatever the reference is. Of a uniform reference it is {@link Linear}.
     *
     * @param features of the same prompts and responses as the problem
     */
    record Tilted(FeatureMap features) implements FunctionClass {
        public Tilted {
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

    /** Policies that tilt the reference by {@code features}, and their implicit rewards. */
    static FunctionClass tilted(FeatureMap features) {
        return new Tilted(features);
    }
}
