package org.preferencelearning.core.internal.runtime;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process's environment as native libraries see it, through the C library; Java has only a copy that it cannot change. */
final class NativeEnvironment {
    private static final Logger LOG = LoggerFactory.getLogger(NativeEnvironment.class);
    /** glibc's name for the size from which memory is mapped on its own and so returned when freed. */
    private static final int M_MMAP_THRESHOLD = -3;

    private final NativeLibrary library;

    private NativeEnvironment(NativeLibrary library) {
        this.library = library;
    }

    /** That of this process; empty where JNA's native part cannot be loaded. */
    static Optional<NativeEnvironment> ofThisProcess() {
        try {
            return Optional.of(new NativeEnvironment(
                    Platform.isWindows() ? NativeLibrary.getInstance("msvcrt") : NativeLibrary.getProcess()));
        } catch (LinkageError e) {
            LOG.info("the C library cannot be called", e);
            return Optional.empty();
        }
    }

    boolean isSet(String name) {
        return get(name).isPresent();
    }

    Optional<String> get(String name) {
        Pointer value = library.getFunction("getenv").invokePointer(new Object[] {name});
        return Optional.ofNullable(value).map(text -> text.getString(0));
    }

    void set(String name, String value) {
        if (Platform.isWindows()) {
            library.getFunction("_putenv_s").invokeInt(new Object[] {name, value});
        } else {
            library.getFunction("setenv").invokeInt(new Object[] {name, value, 0});
        }
    }

    /** Does nothing where the C library is not glibc. */
    void mmapThreshold(int bytes) {
        if (Platform.isLinux()) {
            try {
                Function mallopt = library.getFunction("mallopt");
                mallopt.invokeInt(new Object[] {M_MMAP_THRESHOLD, bytes});
            } catch (UnsatisfiedLinkError e) {
                LOG.debug("no mallopt", e);
            }
        }
    }
}
