package org.preferencelearning.experiments.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.preferencelearning.experiments.task.Described;
import org.preferencelearning.experiments.task.StudyMapper;

/**
 * What every part of a study satisfies: it is written down with the study and computes elsewhere, and later, what it does here.
 *
 * @param <T> the interface
 */
abstract class PartContract<T> {
    /** Its lower case of I is another letter, its numbers have commas. */
    private static final Locale OTHER = Locale.forLanguageTag("tr-TR");

    private final Class<T> type;

    PartContract(Class<T> type) {
        this.type = type;
    }

    /** The part under test. */
    abstract T part();

    @Test
    @DisplayName("It is a record that is written down with a study and read again")
    void itIsWrittenDownAndReadAgain() {
        assertDoesNotThrow(() -> Described.require(type.getSimpleName(), part(), type));
        assertEquals(part(), part(), "two that are made alike are to be equal, as results are found again by them");
    }

    /** The part as another machine has it. */
    final T readAgain() {
        try {
            return StudyMapper.line()
                    .readValue(StudyMapper.line().writerFor(type).writeValueAsString(part()), type);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e.getOriginalMessage(), e);
        }
    }

    /** What the computation gives where the default locale is another. */
    static <A> A elsewhere(Supplier<A> computation) {
        Locale here = Locale.getDefault();
        Locale.setDefault(OTHER);
        try {
            return computation.get();
        } finally {
            Locale.setDefault(here);
        }
    }

    /**
     * Checks a law, or, where it does not hold on purpose, that it does not.
     *
     * @param reason why not; nothing where it is to hold
     */
    static void unless(String reason, Executable law) throws Throwable {
        if (reason.isEmpty()) {
            law.execute();
            return;
        }
        assertFalse(reason.isBlank(), "an exemption needs a reason");
        try {
            law.execute();
        } catch (AssertionError e) {
            Assumptions.abort("exempted: " + reason);
        }
        throw new AssertionError("it is exempted, '" + reason + "', from what it obeys");
    }
}
