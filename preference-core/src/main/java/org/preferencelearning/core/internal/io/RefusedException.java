package org.preferencelearning.core.internal.io;

/** A place that cannot or must not be written to; callers say whose setting or file it is. */
final class RefusedException extends Exception {
    private final String problem;

    /** @param problem a clause about the place: "it is a file" */
    RefusedException(String problem) {
        super(problem);
        this.problem = problem;
    }

    @Override
    public String getMessage() {
        return problem;
    }
}
