package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What drawings have in common. Colours, dashes and light or dark come from the style sheet, by class. */
final class Svg {
    /** Styles of series: classes {@code s0} and so on, each with a colour, a dash and a marker of its own. */
    static final int STYLES = 7;

    private static final String[] MARKERS = {
        "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
        "M-3.6 -3.6H3.6V3.6H-3.6Z",
        "M0 -4.8L4.6 3.6H-4.6Z",
        "M0 -5L5 0L0 5L-5 0Z",
        "M0 4.8L4.6 -3.6H-4.6Z",
        "M-1.5 -5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z",
        "M0 -5L4.8 -1.5L2.9 4H-2.9L-4.8 -1.5Z"
    };

    private Svg() {}

    /** A drawing of {@code width} by {@code height} units that fills its place, read out as its title and description. */
    static Markup drawing(String id, int width, int height, String title, String description, List<Markup> parts) {
        List<Markup> children = new ArrayList<>();
        children.add(el("title", title).with("id", id + "-title"));
        children.add(el("desc", description).with("id", id + "-desc"));
        children.addAll(parts);
        return el("svg", children)
                .with("viewBox", "0 0 " + width + " " + height)
                .with("role", "img")
                .with("aria-labelledby", id + "-title " + id + "-desc");
    }

    /** A coordinate. */
    static String at(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    static Markup line(String cssClass, double x1, double y1, double x2, double y2) {
        return el("line")
                .of(cssClass)
                .with("x1", at(x1))
                .with("y1", at(y1))
                .with("x2", at(x2))
                .with("y2", at(y2));
    }

    static Markup text(String cssClass, double x, double y, String anchor, String text) {
        return el("text", text).of(cssClass).with("x", at(x)).with("y", at(y)).with("text-anchor", anchor);
    }

    static Markup.Element path(String cssClass, String data) {
        return el("path").of(cssClass).with("d", data);
    }

    /** The marker of a style. */
    static Markup marker(int style, double x, double y) {
        return path("marker", MARKERS[style % STYLES]).with("transform", "translate(" + at(x) + " " + at(y) + ")");
    }

    /** What a style stands for. */
    static Markup legendEntry(String cssClass, boolean line, int marker, String name) {
        List<Markup> parts = new ArrayList<>();
        if (line) {
            parts.add(line("join", 1, 7, 27, 7));
        }
        if (marker >= 0) {
            parts.add(marker(marker, 14, 7));
        }
        return el(
                "li",
                el("svg", parts)
                        .of(cssClass)
                        .with("viewBox", "0 0 28 14")
                        .with("width", 28)
                        .with("height", 14)
                        .with("aria-hidden", "true"),
                Markup.foreign(name));
    }
}
