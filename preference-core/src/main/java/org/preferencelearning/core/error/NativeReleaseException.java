package org.preferencelearning.core.error;

/** A library that native code is called through is of a release that does not fit; found before any native code is called. */
public final class NativeReleaseException extends PreferenceException {
    private final String library;

    /**
     * @param library group and artifact, as in a pom
     * @param found the release on the class path
     * @param needed the releases that fit, in words
     */
    public NativeReleaseException(String library, String found, String needed) {
        super(
                "the class path holds " + library + " " + found + "; needed: " + needed
                        + ". In a pom, name this library's modules before ND4J's, or " + library + " itself",
                null);
        this.library = library;
    }

    /** Group and artifact of the library that does not fit. */
    public String library() {
        return library;
    }
}
