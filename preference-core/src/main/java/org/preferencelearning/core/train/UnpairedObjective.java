package org.preferencelearning.core.train;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.preferencelearning.core.data.TokenResponse;
import org.preferencelearning.core.data.TokenSequence;
import org.preferencelearning.core.error.SettingException;
import org.preferencelearning.core.loss.LossEvaluator;
import org.preferencelearning.core.loss.ResponseLossValues;
import org.preferencelearning.core.loss.UnpairedInputs;
import org.preferencelearning.core.loss.UnpairedLoss;
import org.preferencelearning.core.model.Policy;
import org.preferencelearning.core.model.ReferencePolicy;
import org.preferencelearning.core.model.TokenPolicy;
import org.preferencelearning.core.model.TrainablePolicy;
import org.preferencelearning.core.state.StateReader;
import org.preferencelearning.core.state.StateWriter;
import org.preferencelearning.core.state.Stateful;

/**
 * Trains a policy on responses that are wanted or not with an {@link UnpairedLoss}, as TRL's KTO and BCO trainers do. The mean
 * loss is over all responses, each times the loss's weight of its kind. A loss that estimates something over a batch, as
 * {@code kto} its divergence, does so over an update's whole batch, which is not evaluated in parts; TRL does so for each part.
 */
public final class UnpairedObjective implements TrainingObjective<TokenResponse> {
    private final TrainablePolicy policy;
    private final Policy reference;
    private final UnpairedLoss loss;
    private final boolean tokenMetrics;
    private final LossEvaluator evaluator;
    private final RunningMean meanLogRatio = new RunningMean();

    /**
     * @param policy what is trained
     * @param reference the fixed policy
     */
    public UnpairedObjective(TrainablePolicy policy, Policy reference, UnpairedLoss loss) {
        this(policy, reference, loss, false);
    }

    private UnpairedObjective(TrainablePolicy policy, Policy reference, UnpairedLoss loss, boolean tokenMetrics) {
        this.policy = policy;
        this.reference = reference;
        this.loss = loss;
        this.tokenMetrics = tokenMetrics;
        this.evaluator = LossEvaluator.of(loss);
    }

    /**
     * The same objective at its beginning, reporting also TRL's {@code logits/chosen}, {@code logits/rejected} and
     * {@code entropy}, which take time.
     *
     * @throws SettingException if the policy is no {@link TokenPolicy}
     */
    public UnpairedObjective withTokenMetrics() {
        TokenMetrics.requireTokens(policy, "token metrics are made of it");
        return new UnpairedObjective(policy, reference, loss, true);
    }

    @Override
    public TrainablePolicy model() {
        return policy;
    }

    @Override
    public double weight(TokenResponse example) {
        return 1;
    }

    @Override
    public List<TokenSequence> sequences(TokenResponse example) {
        return loss.needsMismatched() ? List.of(example.sequence(), mismatched(example)) : List.of(example.sequence());
    }

    private TokenSequence mismatched(TokenResponse example) {
        return example.mismatched()
                .orElseThrow(() -> new SettingException(
                        "mismatched",
                        "missing",
                        "a mismatched sequence on every response: loss '" + loss.name() + "' reads it"));
    }

    @Override
    public void check(TokenResponse example) {
        TrainingObjective.super.check(example);
        sequences(example)
                .forEach(sequence -> SettingException.require(
                        sequence.responseLength() > 0, "response", sequence, "at least one scored token"));
    }

    @Override
    public boolean batchWise() {
        return loss.needsMismatched() || loss.needsMeanLogRatio();
    }

    @Override
    public String description() {
        return loss.name() + ", beta " + loss.beta();
    }

    @Override
    public HashCode fingerprint(List<TokenResponse> examples) {
        Hasher hasher = Hashing.sha256().newHasher();
        hasher.putBytes(TrainingObjective.super.fingerprint(examples).asBytes());
        examples.forEach(example -> hasher.putBoolean(example.desirable()).putDouble(example.weight()));
        return hasher.hash();
    }

    @Override
    public Stateful state(List<TokenResponse> examples) {
        Stateful scores = reference instanceof ReferencePolicy remembering
                ? remembering.state(examples.stream()
                        .flatMap(example -> sequences(example).stream())
                        .toList())
                : Stateful.none();
        return new Stateful() {
            @Override
            public void save(StateWriter writer) {
                scores.save(writer.child("reference"));
                meanLogRatio.save(writer.child("mean"));
            }

            @Override
            public void load(StateReader reader) {
                scores.load(reader.child("reference"));
                meanLogRatio.load(reader.child("mean"));
            }
        };
    }

    @Override
    public Metrics accumulate(List<TokenResponse> batch, double scale) {
        double[] mismatchedSums = mismatchedSums(batch); // before the pass, which an evaluation would end
        SequenceValues said = values(batch, true);
        double[] sums = said.values();
        double[] references = reference.logProbabilities(own(batch));
        if (loss.needsMeanLogRatio()) {
            for (int i = 0; i < sums.length; i++) {
                meanLogRatio.add(sums[i] - references[i]);
            }
        }
        UnpairedInputs inputs = inputs(batch, sums, references, mismatchedSums);
        ResponseLossValues values = evaluator.evaluate(inputs);
        said.backward()
                .accept(Arrays.stream(values.gradient())
                        .map(slope -> scale * slope)
                        .toArray());
        return metrics(batch, inputs, said, values);
    }

    @Override
    public Metrics evaluate(List<TokenResponse> batch) {
        SequenceValues said = values(batch, false);
        UnpairedInputs inputs =
                inputs(batch, said.values(), reference.logProbabilities(own(batch)), mismatchedSums(batch));
        return metrics(batch, inputs, said, evaluator.evaluate(inputs));
    }

    private SequenceValues values(List<TokenResponse> batch, boolean differentiable) {
        return tokenMetrics
                ? SequenceValues.of((TokenPolicy) policy, TokenWeights.none(own(batch)), differentiable, true)
                : SequenceValues.of(policy, own(batch), differentiable);
    }

    private static List<TokenSequence> own(List<TokenResponse> batch) {
        return batch.stream().map(TokenResponse::sequence).toList();
    }

    private List<TokenSequence> mismatched(List<TokenResponse> batch) {
        List<TokenSequence> sequences = new ArrayList<>();
        batch.forEach(example -> sequences.add(mismatched(example)));
        return sequences;
    }

    private double[] mismatchedSums(List<TokenResponse> batch) {
        return loss.needsMismatched() ? policy.logProbabilities(mismatched(batch)) : new double[batch.size()];
    }

    private UnpairedInputs inputs(
            List<TokenResponse> batch, double[] sums, double[] references, double[] mismatchedSums) {
        double[] mean = new double[sums.length];
        Arrays.fill(mean, meanLogRatio.value());
        return new UnpairedInputs(
                sums,
                references,
                batch.stream()
                        .mapToDouble(example -> example.desirable() ? 1 : 0)
                        .toArray(),
                mismatchedSums,
                loss.needsMismatched() ? reference.logProbabilities(mismatched(batch)) : new double[sums.length],
                mean,
                batch.stream().mapToDouble(TokenResponse::weight).toArray());
    }

    private Metrics metrics(
            List<TokenResponse> batch, UnpairedInputs inputs, SequenceValues said, ResponseLossValues values) {
        Metrics metrics = new Metrics();
        double[] rewards = new double[2];
        int[] counts = new int[2];
        for (int i = 0; i < batch.size(); i++) {
            boolean desirable = batch.get(i).desirable();
            double reward = loss.beta() * (inputs.policy()[i] - inputs.reference()[i]);
            metrics.addMean(MetricNames.LOSS, values.perResponse()[i] * inputs.weight()[i], 1);
            metrics.addMean(desirable ? MetricNames.REWARDS_CHOSEN : MetricNames.REWARDS_REJECTED, reward, 1);
            metrics.addMean(desirable ? MetricNames.LOGPS_CHOSEN : MetricNames.LOGPS_REJECTED, inputs.policy()[i], 1);
            metrics.addSum(MetricNames.NUM_TOKENS, batch.get(i).sequence().length());
            rewards[desirable ? 0 : 1] += reward;
            counts[desirable ? 0 : 1]++;
        }
        if (counts[0] > 0 && counts[1] > 0) {
            metrics.addMean(MetricNames.REWARDS_MARGINS, rewards[0] / counts[0] - rewards[1] / counts[1], batch.size());
        }
        if (loss.needsMismatched()) {
            double ratios = 0;
            for (int i = 0; i < batch.size(); i++) {
                ratios += inputs.mismatchedPolicy()[i] - inputs.mismatchedReference()[i];
            }
            metrics.addMean(MetricNames.KL, Math.max(0, ratios / batch.size()), batch.size());
        }
        if (loss.needsMeanLogRatio()) {
            metrics.addMean(MetricNames.DELTA, loss.beta() * inputs.meanLogRatio()[0], batch.size());
        }
        said.tokens()
                .ifPresent(tokens ->
                        TokenMetrics.add(metrics, own(batch), i -> batch.get(i).desirable(), false, tokens));
        return metrics;
    }
}
