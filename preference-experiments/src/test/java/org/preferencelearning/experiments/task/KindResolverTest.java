package org.preferencelearning.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KindResolverTest {
    static Stream<String> classes() {
        return KindResolver.KINDS.values().stream();
    }

    /** A class that was moved would silently lose its short name, and with it every run that has the name. */
    @ParameterizedTest
    @MethodSource("classes")
    void everyNamedClassIsThere(String name) throws ClassNotFoundException {
        assertThat(Class.forName(name).isRecord()).isTrue();
    }
}
