package org.preferencelearning.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What JUnit reports of a contract test; for the tests of other modules' contracts too. */
public final class ContractOutcome implements TestExecutionListener {
    private final List<Throwable> failures = new ArrayList<>();
    private final Set<String> exempted = new HashSet<>();
    private int passed;

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest()) {
            assertThat(result.getStatus()).isEqualTo(TestExecutionResult.Status.SUCCESSFUL);
            return;
        }
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed++;
            case ABORTED -> exempted.add(test.getDisplayName());
            case FAILED -> failures.add(result.getThrowable().orElseThrow());
        }
    }

    /** Runs a contract test as JUnit does in anyone's project. */
    public static ContractOutcome of(Class<?> test) {
        ContractOutcome outcome = new ContractOutcome();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(test))
                                .build(),
                        outcome);
        return outcome;
    }

    /** How many tests passed. */
    public int passed() {
        return passed;
    }

    /** Names of those that did not run, as they were exempted. */
    public Set<String> exempted() {
        return exempted;
    }

    /** What failed. */
    public List<Throwable> failures() {
        return failures;
    }

    Set<Law> broken() {
        Set<Law> broken = EnumSet.noneOf(Law.class);
        for (Law law : Law.values()) {
            if (failures.stream().anyMatch(failure -> broken(failure, law))) {
                broken.add(law);
            }
        }
        return broken;
    }

    void breaksExactly(Law... laws) {
        assertThat(broken()).containsExactlyInAnyOrder(laws);
        assertThat(failures).hasSameSizeAs(laws);
    }

    void says(Law law, String... parts) {
        assertThat(failures)
                .filteredOn(failure -> broken(failure, law))
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .startsWith("loss 'subject' breaks law " + law)
                .contains(parts);
    }

    private static boolean broken(Throwable failure, Law law) {
        return failure.getMessage().contains("breaks law " + law + " at ");
    }
}
