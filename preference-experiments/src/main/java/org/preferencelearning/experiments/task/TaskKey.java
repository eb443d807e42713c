package org.preferencelearning.experiments.task;

/**
 * What tells tasks apart.
 *
 * @param kind name of the task's type
 * @param sha256 of the task's canonical JSON, in hexadecimal; the tasks that it needs stand there by their keys
 */
public record TaskKey(String kind, String sha256) {
    private static final int SHORT = 16;

    /** A name for a folder: the kind and the beginning of the hash. */
    public String folder() {
        String name = kind.substring(kind.lastIndexOf('.') + 1);
        return name + "-" + sha256.substring(0, SHORT);
    }
}
