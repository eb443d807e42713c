package org.preferencelearning.experiments.exact;

/**
 * What a study expects of the values of two methods.
 *
 * @param relation how the first compares with the second
 * @param first a method's label, or {@link #CLASS_OPTIMUM} or {@link #OPTIMUM}
 * @param second likewise
 * @param source where the claim comes from: the paper, or this project ("reconstructed")
 */
public record Claim(Relation relation, String first, String second, String source) {
    /** The best value in the policy class. */
    public static final String CLASS_OPTIMUM = "best in class";
    /** The best value of all policies. */
    public static final String OPTIMUM = "optimum";

    /** How two values compare. */
    public enum Relation {
        BETTER(">"),
        EQUAL("=");

        private final String sign;

        Relation(String sign) {
            this.sign = sign;
        }
    }

    /** The first has the larger value. */
    public static Claim better(String first, String second, String source) {
        return new Claim(Relation.BETTER, first, second, source);
    }

    /** The values are equal. */
    public static Claim equal(String first, String second, String source) {
        return new Claim(Relation.EQUAL, first, second, source);
    }

    @Override
    public String toString() {
        return first + " " + relation.sign + " " + second;
    }
}
