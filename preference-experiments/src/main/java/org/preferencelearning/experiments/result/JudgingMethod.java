package org.preferencelearning.experiments.result;

/** How a claim was judged: which of its sources of error are known decides. */
public enum JudgingMethod {
    /** Nothing is random: values closer than a resolution are equal. */
    EXACT("exact values"),
    /** Both sides' seeds, and items that they share: {@link Crossed}. */
    SEEDS_AND_ITEMS("seeds and items crossed"),
    /** Seeds that both sides share, and no items: Student's t of the differences. */
    SEEDS("paired t over seeds"),
    /** One seed each and shared items: Student's t of the differences; about these two trained models. */
    ITEMS("paired t over items"),
    /** One seed each and shared items that are right or wrong: McNemar's exact test; about these two trained models. */
    MCNEMAR("McNemar's exact test over items"),
    /** One seed each and no items: nothing can be said. */
    NONE("one value each");

    private final String label;

    JudgingMethod(String label) {
        this.label = label;
    }

    /** Short name for tables. */
    public String label() {
        return label;
    }
}
