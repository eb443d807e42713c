package org.preferencelearning.gpt2.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.NonFiniteException;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.model.ForwardPass;
import org.preferencelearning.core.model.Parameter;
import org.preferencelearning.core.model.Rollout;
import org.preferencelearning.core.model.SamplingRequest;
import org.preferencelearning.core.model.SamplingSettings;
import org.preferencelearning.core.random.RandomSource;
import org.preferencelearning.core.train.AdamW;
import org.preferencelearning.core.train.StepReport;
import org.preferencelearning.core.train.TrainingSettings.AdamConstants;
import org.preferencelearning.gpt2.graph.Gpt2Config;
import org.preferencelearning.gpt2.graph.MatrixPrecision;
import org.preferencelearning.gpt2.internal.torch.TorchTensor;
import org.preferencelearning.gpt2.model.ResumableTraining.Kind;
import org.preferencelearning.gpt2.weights.StateFolder;

/** What libtorch computes is what ND4J and oneDNN compute, up to rounding. */
class TorchDeviceTest {
    private static final Gpt2Config CONFIG = new Gpt2Config(60, 64, 32, 3, 4, 1e-5, 59);

    private static Gpt2Policy policy() {
        Gpt2Policy policy = Gpt2Policy.random(CONFIG, RandomSource.of(1));
        policy.device(ComputeDevice.cpu());
        return policy;
    }

    private static List<TokenSequence> sequences() {
        RandomSource random = RandomSource.of(2);
        return IntStream.range(0, 7)
                .mapToObj(i -> new TokenSequence(
                        IntStream.range(0, 9 + 3 * i)
                                .map(t -> random.nextInt(60))
                                .toArray(),
                        4))
                .toList();
    }

    private interface Work<T> {
        T on(Gpt2Policy policy);
    }

    /** On both devices, one after the other. */
    private static <T> List<T> both(Work<T> work) {
        List<T> results = new ArrayList<>();
        for (ComputeDevice device : List.of(ComputeDevice.cpu(), ComputeDevice.torchCpu())) {
            try (Gpt2Policy policy = policy()) {
                policy.device(device);
                results.add(work.on(policy));
            }
        }
        return results;
    }

    @Test
    void samplesAreTheSameTokensWhateverTheSettings() {
        List<SamplingRequest> requests = SamplingRequest.of(
                sequences().stream().map(TokenSequence::tokens).toList(), 5);
        SamplingSettings plain = SamplingSettings.of(12).withSamplesPerPrompt(3);
        for (SamplingSettings settings : List.of(
                SamplingSettings.of(20).withTemperature(0),
                plain,
                plain.withTemperature(0.6),
                plain.withTopK(7),
                plain.withTopP(0.5),
                plain.withTopK(9).withTopP(0.8).withTemperature(1.7))) {
            List<List<Rollout>> samples = both(policy -> policy.sample(requests, settings).stream()
                    .flatMap(List::stream)
                    .toList());
            for (int i = 0; i < samples.get(0).size(); i++) {
                Rollout host = samples.get(0).get(i);
                Rollout torch = samples.get(1).get(i);
                assertThat(torch.sequence()).as("%s, %d", settings, i).isEqualTo(host.sequence());
                assertThat(torch.logProbabilities().toArray())
                        .containsExactly(host.logProbabilities().toArray(), within(1e-5));
            }
        }
    }

    @Test
    void distributionsAreTheSame() {
        int[] prompt = {1, 2, 3};
        List<double[]> found = both(policy -> policy.nextTokenProbabilities(prompt, 0.7));
        assertThat(found.get(1)).containsExactly(found.get(0), within(1e-6));
        List<double[]> logits =
                both(policy -> policy.logits(prompt).reshape(180).toDoubleVector());
        assertThat(logits.get(1)).containsExactly(logits.get(0), within(1e-5));
    }

    private static List<StepReport> reports(Kind kind, ComputeDevice device) {
        try (ResumableTraining training = ResumableTraining.of(kind, device)) {
            return training.finish();
        }
    }

    /**
     * Six updates of AdamW: of all parameters with prompts that are shared, of adapters, and with dropout. Parameters
     * themselves are not compared: a gradient that is 0 but for rounding moves them all the same, without any effect. After
     * the first update, rounding is what AdamW has made of it.
     */
    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"DPO", "LORA", "REWARD_MODEL_WITH_DROPOUT"})
    void trainingsGoTheSameWay(Kind kind) {
        List<StepReport> host = reports(kind, ComputeDevice.cpu());
        List<StepReport> torch = reports(kind, ComputeDevice.torchCpu());
        assertThat(host).hasSize(6);
        for (int step = 0; step < host.size(); step++) {
            for (String metric : List.of("loss", "grad_norm")) {
                double wanted = host.get(step).metrics().get(metric);
                assertThat(torch.get(step).metrics().get(metric))
                        .as("%s of update %d", metric, step)
                        .isCloseTo(wanted, within((step == 0 ? 2e-6 : 1e-4) * Math.max(1, wanted)));
            }
        }
        assertThat(reports(kind, ComputeDevice.torchCpu()))
                .as("again, to the bit")
                .isEqualTo(torch);
    }

    /** Gradients of every parameter, one at a time, where some blocks are frozen. */
    @Test
    void gradientsAreTheSameAboveFrozenBlocks() {
        List<Map<String, double[]>> found = both(all -> {
            try (Gpt2Policy policy = all.copy(ParameterSelection.frozen(ParameterGroup.blocks(0, 1)))) {
                ForwardPass pass = policy.forward(sequences());
                pass.backward(new double[] {1, -2, 0.5, 0, 3, -1, 1});
                Map<String, double[]> gradients = new TreeMap<>();
                for (Parameter parameter : policy.parameters().trained()) {
                    gradients.put(
                            parameter.name(),
                            parameter.gradient().reshape(parameter.length()).toDoubleVector());
                }
                return gradients;
            }
        });
        assertThat(found.get(1)).containsOnlyKeys(found.get(0).keySet()).hasSizeGreaterThan(12);
        found.get(0)
                .forEach((name, gradient) ->
                        assertThat(found.get(1).get(name)).as(name).containsExactly(gradient, within(1e-4)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "torch-cpu"})
    void aTrainingGoesOnElsewhere(String begun, @TempDir Path folder) {
        ComputeDevice first = ComputeDevice.of(begun);
        ComputeDevice second = first.isTorch() ? ComputeDevice.cpu() : ComputeDevice.torchCpu();
        List<StepReport> whole = reports(Kind.DPO, ComputeDevice.cpu());
        try (ResumableTraining training = ResumableTraining.of(Kind.DPO, first)) {
            for (int step = 0; step < 3; step++) {
                training.run().step();
            }
            StateFolder.write(folder.resolve("state"), training.run());
        }
        try (ResumableTraining training = ResumableTraining.of(Kind.DPO, second)) {
            StateFolder.read(folder.resolve("state"), training.run());
            List<StepReport> rest = training.finish();
            assertThat(rest).hasSize(3);
            for (int step = 0; step < rest.size(); step++) {
                assertThat(rest.get(step).metrics().get("loss"))
                        .isCloseTo(whole.get(3 + step).metrics().get("loss"), within(2e-5));
            }
        }
    }

    @Test
    void bfloat16IsNearFloat32InLossesAndGradients() {
        try (Gpt2Policy policy = policy()) {
            policy.device(ComputeDevice.torchCpu());
            double[] exact = policy.logProbabilities(sequences());
            double norm = norm(policy);
            policy.precision(MatrixPrecision.BFLOAT16);
            double[] rounded = policy.logProbabilities(sequences());
            assertThat(rounded).isNotEqualTo(exact);
            for (int i = 0; i < exact.length; i++) {
                assertThat(rounded[i]).isCloseTo(exact[i], withinPercentage(1));
            }
            assertThat(norm(policy)).isNotEqualTo(norm).isCloseTo(norm, withinPercentage(2));
            policy.precision(MatrixPrecision.FLOAT32);
            assertThat(policy.logProbabilities(sequences())).isEqualTo(exact);
        }
    }

    private static double norm(Gpt2Policy policy) {
        policy.parameters().clearGradients();
        policy.forward(sequences()).backward(new double[] {1, -2, 0.5, 0, 3, -1, 1});
        double squares = 0;
        for (Parameter parameter : policy.parameters().trained()) {
            double norm = parameter.gradient().norm2Number().doubleValue();
            squares += norm * norm;
        }
        return Math.sqrt(squares);
    }

    /** Copies of weights in bfloat16 follow the weights, whoever changes them. */
    @Test
    void roundedWeightsAreThoseOfNow() {
        try (Gpt2Policy policy = policy();
                Gpt2Policy other = Gpt2Policy.random(CONFIG, RandomSource.of(9))) {
            policy.device(ComputeDevice.torchCpu());
            policy.precision(MatrixPrecision.BFLOAT16);
            double[] before = policy.logProbabilities(sequences());
            policy.parameters().copyFrom(other.parameters());
            other.device(ComputeDevice.torchCpu());
            other.precision(MatrixPrecision.BFLOAT16);
            assertThat(policy.logProbabilities(sequences()))
                    .isNotEqualTo(before)
                    .isEqualTo(other.logProbabilities(sequences()));
        }
    }

    @Test
    void updatesLeaveNoHandlesAndClosingLeavesNone() {
        long before = TorchTensor.live();
        try (Gpt2Policy policy = policy()) {
            policy.device(ComputeDevice.torchCpu());
            try (AdamW optimizer = new AdamW(policy.parameters(), new AdamConstants(0.9, 0.95, 1e-8), 0.1)) {
                long afterThree = 0;
                for (int update = 1; update <= 8; update++) {
                    policy.forward(sequences());
                    norm(policy);
                    optimizer.step(1e-4);
                    policy.sample(SamplingRequest.of(List.of(new int[] {1, 2}), update), SamplingSettings.of(3));
                    afterThree = update == 3 ? TorchTensor.live() : afterThree;
                }
                assertThat(TorchTensor.live()).isEqualTo(afterThree);
            }
        }
        assertThat(TorchTensor.live()).isEqualTo(before);
    }

    @Test
    void aModelThatIsMovedSaysTheSame() {
        try (Gpt2Policy policy = policy()) {
            double[] host = policy.logProbabilities(sequences());
            policy.device(ComputeDevice.torchCpu());
            assertThat(policy.device()).isEqualTo(ComputeDevice.torchCpu());
            assertThat(policy.logProbabilities(sequences())).containsExactly(host, within(1e-4));
            try (Gpt2Policy copy = policy.copy(ParameterSelection.all())) {
                assertThat(copy.device()).isEqualTo(ComputeDevice.torchCpu());
            }
            policy.device(ComputeDevice.cpu());
            assertThat(policy.logProbabilities(sequences())).isEqualTo(host);
            try (Gpt2Policy exact = policy.inDoublePrecision()) {
                assertThatThrownBy(() -> exact.device(ComputeDevice.torchCpu()))
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("float32");
            }
        }
    }

    @Test
    void valuesThatAreNotFiniteAreNeverSampled() {
        try (Gpt2Policy policy = policy()) {
            policy.device(ComputeDevice.torchCpu());
            policy.parameters().get("ln_f.bias").value().assign(Double.NaN);
            for (double temperature : new double[] {0, 0.7}) {
                assertThatThrownBy(() -> policy.sample(
                                SamplingRequest.of(List.of(new int[] {1, 2}), 1),
                                SamplingSettings.of(3).withTemperature(temperature)))
                        .isInstanceOf(NonFiniteException.class)
                        .hasMessageContaining("token 0");
            }
        }
    }

    @Test
    void namesAreReadAndOthersRefused() {
        for (String name : List.of("cpu", "torch-cpu", "cuda:0", "cuda:12")) {
            assertThat(ComputeDevice.of(name)).hasToString(name);
        }
        assertThat(ComputeDevice.of("cuda")).isEqualTo(ComputeDevice.cuda(0));
        for (String name : List.of("", "gpu", "cuda:", "cuda:x", "CPU", "cuda:-1")) {
            assertThatThrownBy(() -> ComputeDevice.of(name))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("device")
                    .hasMessageContaining("torch-cpu");
        }
        assertThatThrownBy(() -> ComputeDevice.cuda(-1)).isInstanceOf(SettingException.class);
    }
}
