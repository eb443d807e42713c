package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;
import static org.preferencelearning.experiments.report.Markup.foreign;

/** A drawing with the numbers behind it. */
interface Figure {
    /** Name of its file of numbers, without ending; distinct within a study. */
    String name();

    /** What it is called. */
    String title();

    /** What there is to see, for those who do not see it. */
    String description();

    /** The drawing, and what explains it. {@code id} is the page's own name of it. */
    Markup drawing(String id);

    /** The numbers. */
    Table table();

    /** The figure with its title and, behind a click, its table. */
    default Markup markup(String id) {
        return el(
                "figure",
                el("figcaption", foreign(title())).with("id", id + "-caption"),
                drawing(id),
                el("p", foreign(description())).of("note"),
                el("details", el("summary", "The numbers"), table().markup(title())));
    }
}
