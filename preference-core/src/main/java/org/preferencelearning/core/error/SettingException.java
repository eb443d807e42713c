package org.preferencelearning.core.error;

import java.util.Collection;
import java.util.HashSet;
import org.jspecify.annotations.Nullable;

/** A setting has a value outside its allowed range. */
public final class SettingException extends PreferenceException {
    private final String setting;

    /**
     * @param setting name of the setting as the user writes it
     * @param value the value given, or null if none was
     * @param allowed the allowed range, in words
     */
    public SettingException(String setting, @Nullable Object value, String allowed) {
        super("setting '" + setting + "' is " + value + "; allowed: " + allowed, null);
        this.setting = setting;
    }

    /** Name of the offending setting. */
    public String setting() {
        return setting;
    }

    /** Throws unless {@code valid}. */
    public static void require(boolean valid, String setting, @Nullable Object value, String allowed) {
        if (!valid) {
            throw new SettingException(setting, value, allowed);
        }
    }

    /** Returns {@code value} if it is finite and above zero. */
    public static double requirePositive(String setting, double value) {
        require(value > 0 && Double.isFinite(value), setting, value, "a finite number above 0");
        return value;
    }

    /** Returns {@code value} if it is at least {@code least}. */
    public static int requireAtLeast(String setting, int value, int least) {
        require(value >= least, setting, value, "a whole number of at least " + least);
        return value;
    }

    /** Returns {@code value} if it is finite and not below zero. */
    public static double requireNotNegative(String setting, double value) {
        require(value >= 0 && Double.isFinite(value), setting, value, "a finite number of at least 0");
        return value;
    }

    /** Returns {@code value} if it is from {@code least} to {@code most}; not a number is not. */
    public static double requireBetween(String setting, double value, double least, double most) {
        require(value >= least && value <= most, setting, value, least + " to " + most);
        return value;
    }

    /** Returns {@code value} if it is from {@code least} to {@code most}. */
    public static int requireBetween(String setting, int value, int least, int most) {
        require(value >= least && value <= most, setting, value, "a whole number from " + least + " to " + most);
        return value;
    }

    /** Throws unless {@code values} holds at least one value, and none twice. */
    public static void requireDistinct(String setting, Collection<?> values) {
        require(
                !values.isEmpty() && new HashSet<>(values).size() == values.size(),
                setting,
                values,
                "at least one, and none twice");
    }
}
