package org.preferencelearning.examples.own;

import static org.preferencelearning.experiments.dsl.Studies.dpo;
import static org.preferencelearning.experiments.dsl.Studies.pairs;
import static org.preferencelearning.experiments.dsl.Studies.rewardModel;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.IntStream;
import org.preferencelearning.core.data.PreferencePair;
import org.preferencelearning.experiments.datasize.DataSizeStudy;
import org.preferencelearning.experiments.result.ResultTable;
import org.preferencelearning.experiments.run.Runners;
import org.preferencelearning.experiments.study.PairSource;

/** Pairs of one's own, made in memory: of two numbers the even one is preferred. */
public final class OwnData {
    /** Questions for an even number; their words are the model's tokens. */
    public record EvenNumbers(int count) implements PairSource {
        private static final List<String> NUMBERS = List.of("one", "two", "three", "four", "five", "six");

        @Override
        public String label() {
            return "even numbers";
        }

        @Override
        public List<PreferencePair> pairs() {
            return IntStream.range(0, count)
                    .mapToObj(i -> PreferencePair.of(
                            "which is even", " " + NUMBERS.get(i % 3 * 2 + 1), " " + NUMBERS.get(i / 3 % 3 * 2)))
                    .toList();
        }

        @Override
        public List<String> words() {
            return ImmutableList.<String>builder()
                    .add("which", "is", "even")
                    .addAll(NUMBERS)
                    .build();
        }
    }

    private OwnData() {}

    /** The study; a list of pairs would do as well: {@code pairs("mine", list)}. */
    public static DataSizeStudy study() {
        DataSizeStudy tiny = TinyStudies.pairs("own data", rewardModel(), dpo());
        return tiny.on(tiny.model(), pairs(new EvenNumbers(100)));
    }

    /** Runs it. */
    public static void main(String[] args) {
        System.out.println(ResultTable.of(Runners.inMemory().run(study())));
    }
}
