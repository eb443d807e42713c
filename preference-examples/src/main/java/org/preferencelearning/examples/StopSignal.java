package org.preferencelearning.examples;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final int INTERRUPTED = 130;
    private static final AtomicBoolean ASKED = new AtomicBoolean();
    private static boolean installed;

    private StopSignal() {}

    /** Listens from now on; tells whether a signal has come. */
    static synchronized BooleanSupplier install() {
        if (!installed) {
            installed = true;
            listen("INT");
            listen("TERM");
        }
        return ASKED::get;
    }

    private static void listen(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object listener = Proxy.newProxyInstance(
                    StopSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            heard();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("signal {} is not listened to", name, e);
        }
    }

    private static void heard() {
        if (ASKED.getAndSet(true)) {
            Runtime.getRuntime().halt(INTERRUPTED);
        }
        System.err.println("preference: stopping after this step; once more to end at once");
    }
}
