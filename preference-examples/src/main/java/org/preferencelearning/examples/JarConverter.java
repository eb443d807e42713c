package org.preferencelearning.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The name of a jar that is there, whether or not it will be needed. */
final class JarConverter implements ITypeConverter<Path> {
    @Override
    public Path convert(String name) {
        Path jar = Preference.path(name);
        if (!Files.isRegularFile(jar)) {
            throw new TypeConversionException("'" + name + "' is no file; allowed: a jar");
        }
        return jar;
    }
}
