package org.preferencelearning.examples;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C and SIGTERM as a wish to stop: the first is heard at the end of a step, so that its state can be saved; the second
 * ends the process at once. Where the Java machine has no {@code sun.misc.Signal}, signals end it as they always do, and what
 * is lost is what came after the last saved state.
 */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);
    /** Of a process that ended because of a signal, by POSIX shells: this and the signal's number. */
    private static final int SIGNALLED = 128;

    private static final int INT = 2;
    private static final int TERM = 15;
    /** The number of the first that came, 0 before it. */
    private static final AtomicInteger ASKED = new AtomicInteger();

    private static boolean installed;

    private StopSignal() {}

    /** Listens from now on; tells whether a signal has come. */
    static synchronized BooleanSupplier install() {
        if (!installed) {
            installed = true;
            listen("INT", INT);
            listen("TERM", TERM);
        }
        return () -> ASKED.get() > 0;
    }

    private static void listen(String name, int number) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object listener = Proxy.newProxyInstance(
                    StopSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            heard(number);
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("signal {} is not listened to", name, e);
        }
    }

    /** The exit code of a command that stopped because it was asked to. */
    static int exitCode() {
        return SIGNALLED + Math.max(INT, ASKED.get());
    }

    private static void heard(int number) {
        if (!ASKED.compareAndSet(0, number)) {
            Runtime.getRuntime().halt(SIGNALLED + number);
        }
        System.err.println("preference: stopping after this step; once more to end at once");
    }
}
