package org.preferencelearning.examples;

import picocli.CommandLine.Command;

/** The policy gradient's training step. */
@Command(
        name = "train-pg",
        description =
                "Train a policy on annotated responses by the policy gradient (loss 'regression'); as run_dpo.py.")
final class TrainPgCommand extends TrainPairsCommand {
    TrainPgCommand(Output output) {
        super(output);
    }

    @Override
    String loss() {
        return "regression";
    }
}
