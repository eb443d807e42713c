package org.preferencelearning.examples;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Online DPO's training step. */
@Command(name = "train-dpo", description = "Train a policy on annotated responses by DPO; as run_dpo.py.")
final class TrainDpoCommand extends TrainPairsCommand {
    @Option(
            names = "--loss-type",
            description = "One that the command 'losses' lists (default: ${DEFAULT-VALUE}, soft labels).")
    private String loss = "rev_kl";

    TrainDpoCommand(Output output) {
        super(output);
    }

    @Override
    String loss() {
        return loss;
    }
}
