package org.preferencelearning.examples.own;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.preferencelearning.experiments.online.PairSelector;
import org.preferencelearning.experiments.study.PairSource;
import org.preferencelearning.experiments.study.TextScore;
import org.preferencelearning.experiments.testkit.PairSelectorContract;
import org.preferencelearning.experiments.testkit.PairSourceContract;
import org.preferencelearning.experiments.testkit.TextScoreContract;

/** The examples of own parts keep the contracts of such parts. */
class OwnContractsTest {
    @Nested
    class PoliteWordsTest extends TextScoreContract {
        @Override
        protected TextScore score() {
            return new OwnReward.PoliteWords(List.of("baba", "dede"));
        }

        @Override
        protected List<Response> responses() {
            return List.of(new Response("q", " baba no"), new Response("q", " baba dede"), new Response("q", " no no"));
        }
    }

    @Nested
    class RepetitionTest extends TextScoreContract {
        @Override
        protected TextScore score() {
            return new OwnMetric.Repetition();
        }

        @Override
        protected List<Response> responses() {
            return List.of(new Response("q", " a a a b"), new Response("q", " a b"), new Response("q", " a b b"));
        }
    }

    @Nested
    class ModestGapTest extends PairSelectorContract {
        @Override
        protected PairSelector selector() {
            return new OwnSelection.ModestGap(2);
        }

        @Override
        protected String readsPlaces() {
            return "where no gap is modest it takes the first two";
        }
    }

    @Nested
    class EvenNumbersTest extends PairSourceContract {
        @Override
        protected PairSource source() {
            return new OwnData.EvenNumbers(100);
        }

        @Override
        protected int size() {
            return 100;
        }

        @Override
        protected String repeats() {
            return "there are nine pairs, and the example asks for a hundred";
        }
    }
}
