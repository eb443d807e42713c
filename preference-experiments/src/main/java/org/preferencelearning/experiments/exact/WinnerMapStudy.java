package org.preferencelearning.experiments.exact;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.finite.FiniteProblem;
import org.preferencelearning.experiments.study.Cell;
import org.preferencelearning.experiments.study.CellId;
import org.preferencelearning.experiments.study.Claim;
import org.preferencelearning.experiments.study.Contents;
import org.preferencelearning.experiments.study.Study;

/**
 * Where, over beta and the reward's scale, which of two methods has the larger value. An inert value.
 *
 * @param name what it is called
 * @param base a study of both methods, whose reward is scaled and whose beta is replaced
 * @param first label of one method
 * @param second label of the other
 * @param scales factors of the reward, above 0
 * @param betas strengths of the regularisation, above 0
 */
public record WinnerMapStudy(
        String name, ExactStudy base, String first, String second, List<Double> scales, List<Double> betas)
        implements Study {
    /** Name of the coordinate that scales the reward. */
    public static final String SCALE = "scale";
    /** Name of the coordinate of beta. */
    public static final String BETA = "beta";
    /** Values closer than this are equal. */
    public static final double RESOLUTION = 1e-6;

    private static final List<Double> SCALES = List.of(0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0);
    private static final List<Double> BETAS = List.of(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0);

    public WinnerMapStudy {
        requireNonNull(name, "name");
        requireNonNull(base, "base");
        SettingException.require(!first.equals(second), "second", second, "another method than the first");
        base.method(first);
        base.method(second);
        scales = ImmutableList.copyOf(scales);
        betas = ImmutableList.copyOf(betas);
        SettingException.requireDistinct("scales", scales);
        SettingException.requireDistinct("betas", betas);
        scales.forEach(scale -> SettingException.requirePositive("scales", scale));
        betas.forEach(beta -> SettingException.requirePositive("betas", beta));
    }

    /** Rewards of 0.25 to 4 times those of {@code base}, betas of 0.05 to 1. */
    public static WinnerMapStudy of(String name, ExactStudy base, String first, String second) {
        return new WinnerMapStudy(name, base.withoutClaims(), first, second, SCALES, BETAS);
    }

    @Override
    public List<Claim> claims() {
        return List.of();
    }

    @Override
    public Map<String, List<String>> coordinates() {
        return ImmutableMap.of(
                SCALE,
                scales.stream().map(String::valueOf).toList(),
                BETA,
                betas.stream().map(String::valueOf).toList(),
                CellId.METHOD,
                List.of(first, second));
    }

    @Override
    public List<String> metrics() {
        return base.metrics();
    }

    @Override
    public List<Cell> cells(Contents contents) {
        List<Cell> cells = new ArrayList<>();
        for (double beta : betas) {
            for (double scale : scales) {
                for (String method : List.of(first, second)) {
                    cells.add(new Cell(
                            at(scale, beta).and(CellId.METHOD, method),
                            new FitExactly(
                                    scaled(scale, beta),
                                    base.policies(),
                                    base.rewards(),
                                    base.method(method),
                                    base.start())));
                }
            }
        }
        return cells;
    }

    private static CellId at(double scale, double beta) {
        return CellId.of(SCALE, scale).and(BETA, beta);
    }

    private FiniteProblem scaled(double scale, double beta) {
        FiniteProblem problem = base.problem();
        double[][] reward = Arrays.stream(problem.reward())
                .map(row -> Arrays.stream(row).map(value -> scale * value).toArray())
                .toArray(double[][]::new);
        return new FiniteProblem(reward, problem.reference(), problem.promptWeights(), beta);
    }
}
