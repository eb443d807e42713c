package org.preferencelearning.core.loss;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.preferencelearning.core.error.SettingException;

/** The table behind {@link PreferenceLosses}. */
final class LossCatalogue {
    private static final String PUBLIC_CODE = "public code of arXiv 2505.19770";

    private static final Map<String, Entry> ENTRIES = new Table()
            .add("sigmoid", PreferenceLosses::dpo, "-LS(b h)", "DPO, Rafailov et al. 2023")
            .add(
                    "rev_kl",
                    PreferenceLosses::softLabelDpo,
                    "-s(m) LS(b h) - (1 - s(m)) LS(-b h)",
                    PUBLIC_CODE + ", soft labels")
            .add("regression", PreferenceLosses::squaredMargin, "(b h - m)^2 / 2", PUBLIC_CODE)
            .add("hinge", PreferenceLosses::hinge, "max(0, 1 - b h)", "SLiC, arXiv 2305.10425")
            .add("ipo", PreferenceLosses::ipo, "(h - 1/(2b))^2", "IPO on sums, arXiv 2310.12036")
            .add(
                    "ipo_norm",
                    LengthNormalisedLosses::ipoOnMeans,
                    "(hw/nw - hl/nl - 1/(2b))^2",
                    "IPO on token means, arXiv 2310.12036; TRL's ipo")
            .add("cross_entropy", PreferenceLosses::crossEntropy, "-LS(b hw)", PUBLIC_CODE)
            .add("raft", PreferenceLosses::raft, "-lw", "RAFT, arXiv 2304.06767")
            .add("sft", LengthNormalisedLosses::likelihood, "-lw/nw", "TRL, but a mean over pairs")
            .add("tv", DivergenceLosses::totalVariation, "|s(b h) - s(m)|", PUBLIC_CODE)
            .add(
                    "kl",
                    DivergenceLosses::kullbackLeibler,
                    "KL(q || p), q = min(s(b h), .999), p = s(m - log 1.001)",
                    PUBLIC_CODE)
            .add(
                    "hellinger",
                    DivergenceLosses::hellinger,
                    "1 - sqrt(q p) - sqrt((1-q)(1-p)), q = min(s(b h), .999), p = s(m)",
                    PUBLIC_CODE)
            .add(
                    "f_forward_kl",
                    DivergenceLosses::forwardKlDpo,
                    "-LS(b (exp(-hl) - exp(-hw)))",
                    "f-DPO, arXiv 2309.16240")
            .add("f_jsd", DivergenceLosses::jensenShannonDpo, "-LS(b (LS(hw) - LS(hl)))", "f-DPO, arXiv 2309.16240")
            .add(
                    "f_alpha_0.5",
                    beta -> DivergenceLosses.alphaDivergenceDpo(beta, 0.5),
                    "-LS(b (exp(-a hl) - exp(-a hw)) / a), a = .5",
                    "f-DPO, arXiv 2309.16240; " + PUBLIC_CODE)
            .add("margin", PreferenceLosses::marginDpo, "-LS(b h - m)", "ODPO, arXiv 2402.10571")
            .add(
                    "modpo_0.5",
                    beta -> PreferenceLosses.multiObjectiveDpo(beta, 0.5),
                    "-LS((b h - (1 - w) m) / w), w = .5",
                    "MODPO, arXiv 2310.03708")
            .add(
                    "cdpo",
                    beta -> NoisyLabelLosses.conservativeDpo(beta, NoisyLabelLosses.USUAL_NOISE),
                    "-(1 - e) LS(b h) - e LS(-b h), e = .1",
                    "conservative DPO, Mitchell 2023")
            .add(
                    "robust",
                    beta -> NoisyLabelLosses.robustDpo(beta, NoisyLabelLosses.USUAL_NOISE),
                    "[-(1 - e) LS(b h) + e LS(-b h)] / (1 - 2e), e = .1",
                    "robust DPO, arXiv 2403.00409")
            .add(
                    "exo_pair",
                    beta -> NoisyLabelLosses.exoPair(beta, NoisyLabelLosses.USUAL_EXO_SMOOTHING),
                    "KL((s(b h), s(-b h)) || (1 - e, e)), e = .001",
                    "EXO, arXiv 2402.00856")
            .add("nca_pair", AnchoredLosses::ncaPair, "-LS(b hw) - LS(-b hw)/2 - LS(-b hl)/2", "NCA, arXiv 2402.05369")
            .add("bco_pair", AnchoredLosses::bcoPair, "-LS(b hw) - LS(-b hl)", "BCO without shift, arXiv 2404.04656")
            .add("sppo_hard", AnchoredLosses::sppoHard, "(hw - 1/(2b))^2 + (hl + 1/(2b))^2", "SPPO, arXiv 2405.00675")
            .add("apo_zero", AnchoredLosses::apoZero, "1 - s(b hw) + s(b hl)", "APO, arXiv 2408.06266")
            .add("apo_down", AnchoredLosses::apoDown, "s(b hw) + 1 - s(b h)", "APO, arXiv 2408.06266")
            .add(
                    "aot",
                    beta -> BatchLosses.aot(beta, 0),
                    "-LS(b (p - q)), q: the rw - rl of the rank of p = lw - ll in the batch",
                    "AOT, arXiv 2406.05882")
            .add(
                    "aot_unpaired",
                    beta -> BatchLosses.aotUnpaired(beta, 0),
                    "-LS(b (hw - hl)), hl: of the rank of hw in the batch",
                    "AOT, arXiv 2406.05882")
            .add(
                    "discopop",
                    beta -> PreferenceLosses.discoPop(beta, PreferenceLosses.USUAL_DISCOPOP_TAU),
                    "-(1 - g) LS(b h) + g exp(-b h), g = s(b h / .05)",
                    "DiscoPOP, arXiv 2406.08414")
            .add(
                    "sigmoid_norm",
                    LengthNormalisedLosses::dpoOnMeans,
                    "-LS(b (hw/nw - hl/nl))",
                    "TRL; open-instruct's dpo_norm")
            .add(
                    "simpo",
                    beta -> LengthNormalisedLosses.simpo(beta, LengthNormalisedLosses.USUAL_SIMPO_GAMMA),
                    "-LS(b (lw/nw - ll/nl) - .5)",
                    "SimPO, arXiv 2405.14734")
            .add(
                    "orpo",
                    LengthNormalisedLosses::orpo,
                    "-lw/nw - b LS(o(lw/nw) - o(ll/nl)), o(x) = x - log(1 - exp(x))",
                    "ORPO, arXiv 2403.07691")
            .add(
                    "ld_sigmoid_0.5",
                    beta -> CombinedLosses.lengthDesensitised(PreferenceLosses.dpo(beta), 0.5),
                    "-LS(b h), tokens beyond the shorter response's length counting a = .5 in every sum",
                    "LD-DPO, arXiv 2409.06411")
            .add(
                    "wpo_aligned_sigmoid",
                    beta -> CombinedLosses.weightedByAlignedPolicy(PreferenceLosses.dpo(beta)),
                    "-exp(aw + al) LS(b h), aw, al: fixed, means of log p(token) - log sum p(v)^2",
                    "WPO, arXiv 2406.11827")
            .entries
            .build();

    /** By the name that the setting follows. */
    private static final Map<String, Family> FAMILIES = ImmutableMap.<String, Family>builder()
            .put("f_alpha", DivergenceLosses::alphaDivergenceDpo)
            .put("modpo", PreferenceLosses::multiObjectiveDpo)
            .put("cdpo", NoisyLabelLosses::conservativeDpo)
            .put("robust", NoisyLabelLosses::robustDpo)
            .put("exo_pair", NoisyLabelLosses::exoPair)
            .put("aot", BatchLosses::aot)
            .put("aot_unpaired", BatchLosses::aotUnpaired)
            .put("discopop", PreferenceLosses::discoPop)
            .put("simpo", LengthNormalisedLosses::simpo)
            .put("ld_sigmoid", (beta, alpha) -> CombinedLosses.lengthDesensitised(PreferenceLosses.dpo(beta), alpha))
            .buildOrThrow();

    private static final Pattern WITH_SETTING = Pattern.compile("(\\w+?)_(\\d+(?:\\.\\d+)?(?:E-?\\d+)?)");

    private LossCatalogue() {}

    static Set<String> names() {
        return ENTRIES.keySet();
    }

    static PreferenceLoss named(String name, double beta) {
        Entry entry = ENTRIES.get(name);
        if (entry != null) {
            return entry.loss.apply(beta);
        }
        Matcher setting = setting(name)
                .orElseThrow(() -> new SettingException(
                        "loss",
                        name,
                        String.join(", ", names()) + ", and with another setting than theirs, as in robust_0.2: "
                                + String.join(", ", FAMILIES.keySet())));
        return requireNonNull(FAMILIES.get(setting.group(1))).of(beta, Double.parseDouble(setting.group(2)));
    }

    static boolean isNamed(String name) {
        return ENTRIES.containsKey(name) || setting(name).isPresent();
    }

    /** A family and its setting. */
    private static Optional<Matcher> setting(String name) {
        return Optional.of(WITH_SETTING.matcher(name))
                .filter(found -> found.matches() && FAMILIES.containsKey(found.group(1)));
    }

    /** A loss with a setting beside beta. */
    @FunctionalInterface
    private interface Family {
        PreferenceLoss of(double beta, double setting);
    }

    static List<LossDescription> descriptions() {
        return ENTRIES.entrySet().stream()
                .map(entry -> entry.getValue().describe(entry.getKey()))
                .toList();
    }

    private record Entry(DoubleFunction<PreferenceLoss> loss, String formula, String source) {
        LossDescription describe(String name) {
            PreferenceLoss made = loss.apply(1);
            return new LossDescription(
                    name,
                    formula,
                    source,
                    made.needsReference(),
                    made.needsMargin(),
                    made.batchWise(),
                    made.tailWeight() < 1 || made.needsAligned());
        }
    }

    private static final class Table {
        private final ImmutableMap.Builder<String, Entry> entries = ImmutableMap.builder();

        Table add(String name, DoubleFunction<PreferenceLoss> loss, String formula, String source) {
            entries.put(name, new Entry(loss, formula, source));
            return this;
        }
    }
}
