package org.preferencelearning.experiments.report;

import static org.preferencelearning.experiments.report.Markup.el;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of two is the larger, over two settings.
 *
 * @param name of its file of numbers
 * @param title what it is called
 * @param description what there is to see
 * @param across name of the setting of columns
 * @param down name of the setting of rows
 * @param first what a positive difference is better for
 * @param second what a negative one is
 * @param resolution differences that are none
 * @param tiles one for each pair of settings, columns first
 */
record MapDrawing(
        String name,
        String title,
        String description,
        String across,
        String down,
        String first,
        String second,
        double resolution,
        List<Tile> tiles)
        implements Figure {
    private static final int WIDTH = 440;
    private static final int LEFT = 54;
    private static final int TOP = 26;
    private static final int BELOW = 42;
    private static final int HEIGHT_OF_TILE = 28;

    MapDrawing {
        tiles = ImmutableList.copyOf(tiles);
    }

    /** A difference at two settings. */
    record Tile(String column, String row, double difference) {}

    @Override
    public Markup drawing(String id) {
        List<String> columns = tiles.stream().map(Tile::column).distinct().toList();
        List<String> rows = tiles.stream().map(Tile::row).distinct().toList();
        double width = (WIDTH - LEFT - 10.0) / columns.size();
        int bottom = TOP + HEIGHT_OF_TILE * rows.size();
        List<Markup> parts = new ArrayList<>();
        for (Tile tile : tiles) {
            double x = LEFT + width * columns.indexOf(tile.column);
            double y = TOP + HEIGHT_OF_TILE * rows.indexOf(tile.row);
            int sign = sign(tile);
            parts.add(el(
                            "g",
                            el("rect")
                                    .with("x", Svg.at(x + 1))
                                    .with("y", Svg.at(y + 1))
                                    .with("width", Svg.at(width - 2))
                                    .with("height", HEIGHT_OF_TILE - 2),
                            Svg.text(
                                    "sign", x + width / 2, y + HEIGHT_OF_TILE / 2.0 + 5, "middle", SIGNS.get(sign + 1)))
                    .of("tile " + CLASSES.get(sign + 1)));
        }
        for (String column : columns) {
            parts.add(Svg.text("tick", LEFT + width * (columns.indexOf(column) + 0.5), bottom + 16, "middle", column));
        }
        for (String row : rows) {
            parts.add(Svg.text("tick", LEFT - 6, TOP + HEIGHT_OF_TILE * (rows.indexOf(row) + 0.5) + 4, "end", row));
        }
        parts.add(Svg.text("label", (LEFT + WIDTH) / 2.0, bottom + BELOW - 8, "middle", across));
        parts.add(Svg.text("label", 4, 14, "start", down));
        return el(
                "div",
                Svg.drawing(id, WIDTH, bottom + BELOW, title, description, parts),
                el(
                                "ul",
                                legend(1, first + " better"),
                                legend(-1, second + " better"),
                                legend(0, "equal within " + Numbers.text(resolution)))
                        .of("legend"));
    }

    private static final List<String> SIGNS = List.of("−", "=", "+");
    private static final List<String> CLASSES = List.of("second", "equal", "first");

    private static Markup legend(int sign, String text) {
        return el(
                "li",
                el(
                                "svg",
                                el("rect")
                                        .with("x", 1)
                                        .with("y", 1)
                                        .with("width", 18)
                                        .with("height", 14),
                                Svg.text("sign", 10, 13, "middle", SIGNS.get(sign + 1)))
                        .of("tile " + CLASSES.get(sign + 1))
                        .with("viewBox", "0 0 20 16")
                        .with("width", 20)
                        .with("height", 16)
                        .with("aria-hidden", "true"),
                Markup.foreign(text));
    }

    private int sign(Tile tile) {
        return Math.abs(tile.difference) <= resolution ? 0 : (int) Math.signum(tile.difference);
    }

    @Override
    public Table table() {
        List<List<Object>> rows = new ArrayList<>();
        for (Tile tile : tiles) {
            String better = sign(tile) == 0 ? "equal" : sign(tile) > 0 ? first : second;
            rows.add(List.of(tile.column, tile.row, tile.difference, better));
        }
        return new Table(List.of(across, down, first + " less " + second, "better"), rows);
    }
}
