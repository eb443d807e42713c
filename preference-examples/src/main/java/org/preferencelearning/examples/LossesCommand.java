package org.preferencelearning.examples;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.preferencelearning.core.loss.LossDescription;
import org.preferencelearning.core.loss.PolicyGradientLosses;
import org.preferencelearning.core.loss.PreferenceLosses;
import org.preferencelearning.core.loss.TokenPolicyGradientLosses;
import org.preferencelearning.core.loss.UnpairedLosses;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The catalogue of losses, as the code has it. */
@Command(name = "losses", description = "List the losses that --loss-type and dpo().loss(name) take.")
final class LossesCommand implements Callable<Integer> {
    private static final String NOTATION = """
            b: beta; lw, ll: the policy's log-probability of chosen, rejected; rw, rl: the reference's
            hw = lw - rw; hl = ll - rl; h = hw - hl; nw, nl: numbers of tokens; m: the annotator's margin
            s: sigmoid; LS: its logarithm
            reads: R the reference, M the margin, B the other pairs of the batch, T single tokens
            """;
    private static final String OTHERS = "of responses that are wanted or not (train-kto): %s%n"
            + "of sampled responses (PolicyGradientLosses): %s%n"
            + "of sampled responses' tokens (TokenPolicyGradientLosses): %s%n";

    private final Output output;

    @Mixin
    private CommonOptions options;

    LossesCommand(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        List<LossDescription> losses = PreferenceLosses.catalogue();
        String format = "%-" + width(losses.stream().map(LossDescription::name).toList()) + "s  %-5s  %-"
                + width(losses.stream().map(LossDescription::formula).toList()) + "s  %s%n";
        StringBuilder table = new StringBuilder(String.format(format, "name", "reads", "loss of a pair", "source"));
        for (LossDescription loss : losses) {
            table.append(String.format(format, loss.name(), reads(loss), loss.formula(), loss.source()));
        }
        List<String> unpaired = UnpairedLosses.names();
        List<String> responses = PolicyGradientLosses.names();
        List<String> tokens = TokenPolicyGradientLosses.names();
        output.result(
                table
                        + System.lineSeparator()
                        + NOTATION
                        + System.lineSeparator()
                        + String.format(
                                OTHERS,
                                String.join(", ", unpaired),
                                String.join(", ", responses),
                                String.join(", ", tokens)),
                Map.of("losses", losses, "unpaired", unpaired, "responses", responses, "tokens", tokens),
                options.json);
        return Preference.DONE;
    }

    private static int width(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElseThrow();
    }

    private static String reads(LossDescription loss) {
        return (loss.needsReference() ? "R" : "-")
                + (loss.needsMargin() ? "M" : "-")
                + (loss.batchWise() ? "B" : "-")
                + (loss.tokenWise() ? "T" : "-");
    }
}
