package org.preferencelearning.experiments.run;

import java.io.PrintStream;
import java.time.Clock;
import java.util.Locale;
import org.preferencelearning.experiments.task.Progress;

/** Progress for people: a bar that is drawn over on a terminal, a line now and then in a log. */
public final class ConsoleProgress implements Progress {
    private static final int WIDTH = 24;
    private static final long TERMINAL_MILLIS = 100;
    private static final long LOG_MILLIS = 15_000;

    private final PrintStream out;
    private final boolean terminal;
    private final Clock clock;
    private String part = "";
    private long steps = 1;
    private long started;
    private long drawn;

    public ConsoleProgress(PrintStream out, boolean terminal, Clock clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
    }

    /** To standard error, as a terminal if there is one. */
    public static ConsoleProgress standard() {
        return new ConsoleProgress(System.err, System.console() != null, Clock.systemUTC());
    }

    @Override
    public void begin(String part, long steps) {
        this.part = part;
        this.steps = steps;
        started = clock.millis();
        drawn = started;
    }

    @Override
    public void step(long done, String status) {
        long now = clock.millis();
        if (now - drawn >= (terminal ? TERMINAL_MILLIS : LOG_MILLIS)) {
            drawn = now;
            line(done, status, now, terminal ? "\r" : "");
        }
    }

    @Override
    public void end(String summary) {
        line(steps, summary, clock.millis(), terminal ? "\r" : "");
        if (terminal) {
            out.println();
        }
    }

    private void line(long done, String status, long now, String start) {
        int filled = (int) (WIDTH * done / steps);
        String bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
        String text = String.format(
                Locale.ROOT,
                "%s%-36s [%s] %5d/%d  %s  %.0f s",
                start,
                part,
                bar,
                done,
                steps,
                status,
                (now - started) / 1000.0);
        if (terminal) {
            out.print(text + "   ");
            out.flush();
        } else {
            out.println(text);
        }
    }
}
