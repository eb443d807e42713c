package org.preferencelearning.experiments.task;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Names for keys: a user's class counts with its code, so that a result that was computed by other code is not taken for this
 * one's. The code of the classes that it calls does not count.
 */
final class CodeResolver extends KindResolver {
    private static final ConcurrentMap<Class<?>, String> KNOWN = new ConcurrentHashMap<>();

    @Override
    public String idFromValue(Object value) {
        return kindWithCode(value.getClass());
    }

    /** The name of an implementation, with a hash of its code where it is not this library's. */
    static String kindWithCode(Class<?> type) {
        return isOurs(type) ? kind(type) : kind(type) + " " + KNOWN.computeIfAbsent(type, CodeResolver::code);
    }

    private static String code(Class<?> type) {
        URL file = type.getResource(type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class");
        if (file == null) {
            // made at run time: its name is all there is
            return "";
        }
        try {
            return Hashing.sha256().hashBytes(Resources.toByteArray(file)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(type.getName() + ": its code cannot be read: " + e.getMessage(), e);
        }
    }
}
