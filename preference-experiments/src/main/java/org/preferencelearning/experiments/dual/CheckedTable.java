package org.preferencelearning.experiments.dual;

import org.preferencelearning.core.error.SettingException;

/** What a user's code gives is used only where it has the shape that was asked for, and is made of numbers. */
final class CheckedTable {
    private CheckedTable() {}

    /**
     * The table itself.
     *
     * @param method whose
     * @param like of the shape that it must have
     * @throws SettingException if it has another, or holds what is not finite
     */
    static double[][] require(String method, double[][] table, double[][] like) {
        SettingException.require(
                table != null && table.length == like.length,
                method,
                table == null ? "null" : table.length + " rows",
                like.length + " rows, one a prompt");
        for (int x = 0; x < like.length; x++) {
            SettingException.require(
                    table[x] != null && table[x].length == like[x].length,
                    method,
                    table[x] == null ? "null" : table[x].length + " numbers for prompt " + x,
                    like[x].length + " numbers, one a response");
            for (double value : table[x]) {
                SettingException.require(
                        Double.isFinite(value), method, value, "finite derivatives by each response's quantity");
            }
        }
        return table;
    }
}
