package org.preferencelearning.examples;

import picocli.CommandLine.Option;

/** Options that every command has. */
final class CommonOptions {
    /** Name of the option that {@link Failures} looks for even where the others could not be read. */
    static final String VERBOSE = "--verbose";

    @Option(names = "--json", description = "Also print the result as one JSON object, on the last line.")
    boolean json;

    @Option(names = VERBOSE, description = "Show where in the program a failure came from.")
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    private boolean help;
}
