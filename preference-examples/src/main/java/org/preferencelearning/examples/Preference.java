package org.preferencelearning.examples;

import java.io.PrintStream;
import java.io.PrintWriter;
import org.preferencelearning.core.error.PreferenceException;
import org.preferencelearning.core.runtime.NativeRuntime;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Entry point of every command. Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 1 a check failed, 2 bad usage or input.
 */
@Command(
        name = "preference",
        description = "RLHF or DPO, and when? Studies of preference learning.",
        subcommands = {
            QuickstartCommand.class,
            ExactCommand.class,
            SparseCommand.class,
            ConformanceCommand.class,
            OnlineCommand.class,
            DataSizeCommand.class,
            PlanCommand.class,
            SftCommand.class,
            GenerateCommand.class,
            AnnotateCommand.class,
            TrainDpoCommand.class,
            TrainPgCommand.class,
            TrainRmCommand.class,
            EvaluateCommand.class,
            KlCommand.class,
            BenchCommand.class,
            CommandLine.HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        version = "0.1.0-SNAPSHOT")
public final class Preference {
    static final int DONE = 0;
    static final int CHECK_FAILED = 1;
    static final int BAD_INPUT = 2;

    private Preference() {}

    public static void main(String[] args) {
        NativeRuntime.prepare();
        System.exit(run(args, System.out));
    }

    /** Runs a command and returns its exit code. */
    static int run(String[] args, PrintStream results) {
        CommandLine command = new CommandLine(new Preference(), new ResultFactory(results));
        command.setOut(new PrintWriter(results, true));
        command.setCaseInsensitiveEnumValuesAllowed(true);
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            if (failure instanceof PreferenceException) {
                line.getErr().println("preference: " + failure.getMessage());
                return BAD_INPUT;
            }
            throw failure;
        });
        int code = command.execute(args);
        results.flush();
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
