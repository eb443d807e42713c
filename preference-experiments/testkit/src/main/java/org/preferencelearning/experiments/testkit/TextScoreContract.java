package org.preferencelearning.experiments.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.preferencelearning.experiments.study.TextScore;

/**
 * What every reward, or metric, of responses must satisfy. Extend it, and return your score and some responses that it tells
 * apart.
 */
public abstract class TextScoreContract extends PartContract<TextScore> {
    /** What policies write too: nothing, blanks alone, other scripts, no end. */
    private static final List<String> ODD = List.of(
            "",
            " ",
            "\n",
            "\t \n",
            ".",
            "0",
            "-1",
            "NaN",
            "a",
            "\u00e9\u00df\u4e2d",
            "\ud83d\ude00",
            "a ".repeat(5000));

    /** For subclasses. */
    protected TextScoreContract() {
        super(TextScore.class);
    }

    /** The score under test; a new one, or the same, from call to call. */
    protected abstract TextScore score();

    /** At least three responses, not all of one score. */
    protected abstract List<Response> responses();

    /**
     * A response and what it answers.
     *
     * @param prompt with its template, as the policy sees it
     * @param text without the end of text
     */
    public record Response(String prompt, String text) {}

    @Override
    final TextScore part() {
        return score();
    }

    @Test
    @DisplayName("It has a label, always the same")
    void itHasALabel() {
        assertFalse(score().label().isBlank(), "label() is blank");
        assertEquals(score().label(), score().label(), "label(), twice");
    }

    @Test
    @DisplayName("Every response has a finite score, odd ones too")
    void everyResponseHasAFiniteScore() {
        List<Response> all = new ArrayList<>(responses());
        for (String odd : ODD) {
            all.add(new Response(responses().get(0).prompt(), odd));
            all.add(new Response("", odd));
        }
        TextScore score = score();
        for (Response response : all) {
            double value = score.of(response.prompt(), response.text());
            assertTrue(Double.isFinite(value), () -> "the score of " + shown(response) + " is " + value);
        }
    }

    @Test
    @DisplayName("Scores tell responses apart")
    void scoresTellResponsesApart() {
        assertTrue(responses().size() >= 3, "responses() must be at least 3");
        double[] scores = scores(score(), responses());
        assertTrue(
                Arrays.stream(scores).anyMatch(value -> value != scores[0]),
                () -> "all " + scores.length + " responses have the score " + scores[0]
                        + "; is what differs between them read?");
    }

    @Test
    @DisplayName("A response's score depends on it alone, not on those before it")
    void aResponsesScoreDependsOnItAlone() {
        TextScore score = score();
        double[] first = scores(score, responses());
        List<Response> backwards = new ArrayList<>(responses());
        Collections.reverse(backwards);
        double[] again = scores(score, backwards);
        for (int i = 0; i < first.length; i++) {
            Response response = responses().get(i);
            assertEquals(
                    first[i],
                    again[first.length - 1 - i],
                    () -> "the score of " + shown(response) + ", again and in another order");
        }
    }

    @Test
    @ResourceLock(Resources.LOCALE)
    @DisplayName("It scores alike after it was written down, and where the locale is another")
    void itScoresAlikeElsewhere() {
        double[] here = scores(score(), responses());
        double[] read = scores(readAgain(), responses());
        double[] elsewhere = elsewhere(() -> scores(score(), responses()));
        for (int i = 0; i < here.length; i++) {
            Response response = responses().get(i);
            assertEquals(here[i], read[i], () -> "the score of " + shown(response) + ", after it was written down");
            assertEquals(here[i], elsewhere[i], () -> "the score of " + shown(response) + ", in a Turkish locale");
        }
    }

    private static double[] scores(TextScore score, List<Response> responses) {
        return responses.stream()
                .mapToDouble(response -> score.of(response.prompt(), response.text()))
                .toArray();
    }

    private static String shown(Response response) {
        int most = 40;
        String text = response.text();
        return "'" + (text.length() <= most ? text : text.substring(0, most) + "...").replace("\n", "\\n") + "'";
    }
}
