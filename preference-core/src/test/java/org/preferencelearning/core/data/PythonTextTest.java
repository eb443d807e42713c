package org.preferencelearning.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableIntArray;
import org.junit.jupiter.api.Test;

class PythonTextTest {
    /** {@code [i for i in range(0x110000) if chr(i).isspace()]} of Python 3.11. */
    private static final ImmutableIntArray SPACES = ImmutableIntArray.of(
            0x9, 0xa, 0xb, 0xc, 0xd, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
            0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000);

    @Test
    void stripTakesWhatPythonsDoesAndNothingElse() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = Character.toString(c) + "a b" + Character.toString(c);
            assertThat(PythonText.strip(text)).as("U+%04X", c).isEqualTo(SPACES.contains(c) ? "a b" : text);
        }
    }

    @Test
    void aTextOfSpacesIsBlank() {
        assertThat(PythonText.strip("\u00a0\u2003\n")).isEmpty();
        assertThat(PythonText.isBlank("\u0085\u00a0 \n")).isTrue();
        assertThat(PythonText.isBlank("")).isTrue();
        assertThat(PythonText.isBlank("\u200b")).isFalse();
    }

    @Test
    void lengthCountsCodePoints() {
        assertThat(PythonText.length("a\uD83D\uDE00é")).isEqualTo(3);
        assertThat(PythonText.length("\uD83D")).isEqualTo(1); // half a pair, which Python counts too
        assertThat(PythonText.length("")).isZero();
    }
}
