package org.preferencelearning.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.preferencelearning.core.error.NativeReleaseException;
import org.preferencelearning.core.internal.runtime.NativeRuntime;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.TypeConversionException;

/**
 * Entry point of every command. Results go to standard output, progress and errors to standard error. Exit codes:
 * 0 done, 1 a check failed, 2 what the user can mend, 70 a fault of the library; see {@link Failures}.
 */
@Command(
        name = "preference",
        description = "RLHF or DPO, and when? Studies of preference learning.",
        subcommands = {
            QuickstartCommand.class,
            ExactCommand.class,
            SparseCommand.class,
            ExactGpt2Command.class,
            SparseGpt2Command.class,
            DoctorCommand.class,
            ConformanceCommand.class,
            OnlineCommand.class,
            DataSizeCommand.class,
            PlanCommand.class,
            RunCommand.class,
            ResumeCommand.class,
            ReproduceCommand.class,
            RunsCommand.class,
            ReportCommand.class,
            RowsCommand.class,
            SftCommand.class,
            GenerateCommand.class,
            AnnotateCommand.class,
            TrainDpoCommand.class,
            TrainPgCommand.class,
            TrainKtoCommand.class,
            TrainRmCommand.class,
            EvaluateCommand.class,
            KlCommand.class,
            LossesCommand.class,
            BenchCommand.class,
            CommandLine.HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:a check failed",
            "2:bad usage or input, or too little memory or space: something that you can mend",
            "70:a fault of the library"
        },
        version = "0.1.0-SNAPSHOT")
public final class Preference {
    /** Commands that use no tensor, whose start would wait for the settings of ND4J's libraries. */
    private static final Set<String> READERS = Set.of("losses", "report", "rows", "runs");

    static final int DONE = 0;
    static final int CHECK_FAILED = 1;

    private Preference() {}

    public static void main(String[] args) {
        System.exit(start(args));
    }

    private static int start(String[] args) {
        try {
            if (args.length == 0 || !READERS.contains(args[0])) {
                NativeRuntime.prepare();
            }
        } catch (NativeReleaseException e) {
            return failures(new PrintWriter(System.err, true), args).failed(e);
        }
        return run(args, System.out);
    }

    private static Failures failures(PrintWriter err, String[] args) {
        return new Failures(err, List.of(args).contains(CommonOptions.VERBOSE));
    }

    /** All commands, with what their results go to. */
    static CommandLine commandLine(PrintStream results) {
        CommandLine command = new CommandLine(new Preference(), new ResultFactory(results));
        command.setOut(new PrintWriter(results, true));
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.registerConverter(Path.class, Preference::path);
        return command;
    }

    /** A path, or a problem of the option that has it. */
    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException("'" + text + "' is no path here: " + e.getReason());
        }
    }

    /** Runs a command and returns its exit code. */
    static int run(String[] args, PrintStream results) {
        CommandLine command = commandLine(results);
        Failures failures = failures(command.getErr(), args);
        command.setParameterExceptionHandler((failure, arguments) -> failures.usage(failure));
        command.setExecutionExceptionHandler((failure, line, parsed) -> failures.failed(failure));
        int code;
        try {
            code = command.execute(args);
        } catch (Error e) {
            // picocli passes on what is no exception, an OutOfMemoryError for example
            code = failures.failed(e);
        }
        if (results.checkError()) {
            return failures.failed(new IOException("the result cannot be written to standard output"));
        }
        return code;
    }

    /** Gives each command the stream that results go to. */
    private record ResultFactory(PrintStream results) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            for (var constructor : type.getDeclaredConstructors()) {
                if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Output.class) {
                    return type.cast(constructor.newInstance(new Output(results)));
                }
            }
            return CommandLine.defaultFactory().create(type);
        }
    }
}
