package org.preferencelearning.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.experiments.task.StoppedException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is said of a command that failed: one line, and the trace below it where {@code --verbose} asks for it. What the user
 * can mend (input, settings, files, memory) is told apart from what only the library's authors can.
 *
 * @param err where to
 * @param verbose whether the trace is shown
 */
record Failures(PrintWriter err, boolean verbose) {
    /** What the user can mend. */
    static final int BAD_INPUT = 2;
    /** A fault of the library; {@code EX_SOFTWARE} of BSD's {@code sysexits.h}. */
    static final int FAULT = 70;

    private static final double MEBIBYTE = 1024.0 * 1024;

    /** Says what was wrong with the command line and returns the exit code. */
    int usage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        String suggestions = "";
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> similar = unmatched.getSuggestions();
            suggestions = similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
        }
        return say(
                failure.getMessage() + suggestions + "; see '"
                        + command.getCommandSpec().qualifiedName() + " --help'",
                failure,
                BAD_INPUT);
    }

    /** Says what ended the command and returns the exit code. */
    int failed(Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof StoppedException) {
            return say(String.valueOf(cause.getMessage()), failure, StopSignal.exitCode());
        }
        Optional<String> mendable = mendable(cause);
        if (mendable.isPresent()) {
            return say(mendable.get(), failure, BAD_INPUT);
        }
        String message = cause.getMessage() == null ? "" : ": " + cause.getMessage();
        String ask = verbose ? "" : ", with the output of " + CommonOptions.VERBOSE;
        return say(
                "this is a fault of the library, not of your input ("
                        + cause.getClass().getSimpleName() + message
                        + "); please report it to the project's issue tracker" + ask,
                failure,
                FAULT);
    }

    private int say(String message, Throwable failure, int code) {
        // whatever a message holds, it is one line
        err.println("preference: " + message.strip().replaceAll("\\s*\\R\\s*", "; "));
        if (verbose) {
            failure.printStackTrace(err);
        }
        err.flush();
        return code;
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null
                && (cause instanceof CompletionException
                        || cause instanceof ExecutionException
                        || cause instanceof ExceptionInInitializerError)) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What the user can do something about, in words. */
    private static Optional<String> mendable(Throwable failure) {
        if (failure instanceof PreferenceException) {
            return Optional.of(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof UncheckedIOException unchecked) {
            return Optional.of(
                    unchecked.getCause() instanceof FileSystemException system
                            ? words(system)
                            : String.valueOf(unchecked.getMessage()));
        }
        if (failure instanceof IOException io) {
            return Optional.of(
                    io instanceof FileSystemException system ? words(system) : String.valueOf(io.getMessage()));
        }
        if (failure instanceof InvalidPathException path) {
            return Optional.of("'" + path.getInput() + "' is no path: " + path.getReason());
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return Optional.of(words((OutOfMemoryError) cause));
            }
        }
        return Optional.empty();
    }

    private static String words(FileSystemException failure) {
        String problem = failure.getReason();
        if (failure instanceof NoSuchFileException) {
            problem = "no such file or folder";
        } else if (failure instanceof AccessDeniedException) {
            problem = "no permission";
        } else if (failure instanceof NotDirectoryException) {
            problem = "not a folder";
        }
        return failure.getFile() + ": " + (problem == null ? failure.getClass().getSimpleName() : problem);
    }

    private static String words(OutOfMemoryError failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("native thread")) {
            return "the system gives no more threads: " + message;
        }
        if (message.contains("Bytes")) {
            return "there is not enough memory outside the Java heap (" + message
                    + "); take a smaller model, shorter sequences or fewer of them at once";
        }
        return String.format(
                "the Java heap of %.0f MiB is too small (%s); give it more, for example PREFERENCE_OPTS=-Xmx%dm, or take less"
                        + " at once",
                Runtime.getRuntime().maxMemory() / MEBIBYTE, message, (long)
                        (2 * Runtime.getRuntime().maxMemory() / MEBIBYTE));
    }
}
