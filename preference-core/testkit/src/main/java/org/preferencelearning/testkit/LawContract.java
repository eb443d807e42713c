package org.preferencelearning.testkit;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * A contract of laws, and how a law is exempted from. One instance runs all tests, so that a loss is differentiated once.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class LawContract {
    LawContract() {}

    /**
     * Laws that the loss does not obey, each with the reason; none unless overridden. A law that the loss obeys cannot be
     * exempted, nor one without a reason: the list stays true.
     */
    protected Map<Law, String> exemptions() {
        return Map.of();
    }

    abstract String name();

    /** The laws that this contract checks. */
    abstract Set<Law> laws();

    @Test
    @DisplayName("Exemptions are from laws of this contract, and have reasons")
    void exemptionsHaveReasons() {
        exemptions().forEach((law, reason) -> {
            Assertions.assertTrue(laws().contains(law), () -> "exemption from " + law + ", which is not checked here");
            Assertions.assertFalse(reason.isBlank(), () -> "exemption from law " + law + " needs a reason");
        });
    }

    /** Runs a law, or shows that an exempted one is broken. */
    final void check(Law law, Runnable test) {
        String reason = exemptions().get(law);
        if (reason == null) {
            test.run();
            return;
        }
        try {
            test.run();
        } catch (LawBroken expected) {
            Assumptions.abort("exempt from law " + law + ": " + reason);
        }
        Assertions.fail("loss '" + name() + "' obeys law " + law + " at every input tried: remove the exemption ("
                + reason + ")");
    }

    final void require(Law law, boolean holds, String at, String found, String expected) {
        if (!holds) {
            throw new LawBroken(
                    String.format("loss '%s' breaks law %s at %s: %s; expected: %s", name(), law, at, found, expected));
        }
    }

    static boolean equal(double one, double other) {
        return Math.abs(one - other) <= 1e-12 * Math.max(1, Math.max(Math.abs(one), Math.abs(other)));
    }
}
