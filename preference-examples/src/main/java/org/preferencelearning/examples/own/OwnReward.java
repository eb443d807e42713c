package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.onlineDpo;
import static org.preferencelearning.experiments.dsl.Studies.policyGradient;

import java.util.Arrays;
import java.util.List;
import org.preferencelearning.experiments.online.OnlineStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.TextScore;

/** A reward of one's own as the truth of an online study: how many polite words a response has. */
public final class OwnReward {
    /** How many of {@code words} a response has. */
    public record PoliteWords(List<String> words) implements TextScore {
        @Override
        public String label() {
            return "polite words";
        }

        @Override
        public double of(String prompt, String response) {
            return Arrays.stream(response.split(" ")).filter(words::contains).count();
        }
    }

    private OwnReward() {}

    /** The study. */
    public static OnlineStudy study() {
        return TinyStudies.online("own reward")
                .oracle(new PoliteWords(List.of("baba", "dede", "gigi")))
                .compare(onlineDpo().beta(0.5), policyGradient().beta(0.5));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
