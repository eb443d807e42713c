package org.preferencelearning.gpt2.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConformanceTest {
    @Test
    void x() {
        ConformanceReport report = Conformance.check(Path.of("../../shared/golden/small"));
        for (var e : report.entries())
            if (!e.passed() || !e.name().contains("by_tensor"))
                System.out.printf("%-60s %.2e %.2e %s%n", e.name(), e.absolute(), e.relative(), e.passed());
        assertThat(report.passed()).isTrue();
    }
}
