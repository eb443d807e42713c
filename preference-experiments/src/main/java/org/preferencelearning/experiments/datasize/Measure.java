package org.preferencelearning.experiments.datasize;

/** What is measured of a trained cell on the held-out pairs. */
public enum Measure {
    /** Share of pairs whose chosen response has the higher reward, or implicit reward. Chance is 0.5. */
    VALIDATION_ACCURACY("accuracy"),
    /** Mean loss of the method's own objective; not comparable between methods. */
    VALIDATION_LOSS("loss");

    private final String label;

    Measure(String label) {
        this.label = label;
    }

    /** Short name for tables. */
    public String label() {
        return label;
    }
}
